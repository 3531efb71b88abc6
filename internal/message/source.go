package message

import "bellman/internal/message/liquid"

// parse takes a source apart. The control characters in it become spaces, which
// are as long, so that places stay.
func parse(source string) *liquid.Template { return liquid.Parse(liquid.Visible(source), scope) }
