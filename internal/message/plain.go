package message

import "bellman/internal/message/markup"

// Plain returns what people see of a text in Telegram's HTML; a text that
// Telegram would refuse comes back as it is.
func Plain(html string) string { return markup.Plain(html) }
