// Package contact keeps people: who they are (identifiers), and the chats they
// opened with the bots.
//
// The integration API calls a chat id a token. [Service.AddTokens] takes
// tokens in and applies the identity rules; the rules themselves are pure and
// stand in resolve.go. A chat is added or removed, never moved.
package contact
