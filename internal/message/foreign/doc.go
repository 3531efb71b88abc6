// Package foreign finds the syntax of other systems in texts, which would be sent
// as it stands, and translates it to Liquid and to Telegram's HTML.
//
// It knows Velocity with its references, #if, #foreach and #set; substitutions
// such as %FIRSTNAME|friend%, {name}, ${name} and *|NAME|*; and Markdown's
// **bold**, __underlined__ and [links](https://shop.example).
//
// [Find] is for texts that may have nothing of the kind: it returns only what can
// hardly be meant to be read, so that prices, hashtags and ornaments stay what they
// are. [Translate] is for texts that are known to come from elsewhere.
//
// Liquid in a source is passed over, and so is whatever stands in {% raw %}.
package foreign
