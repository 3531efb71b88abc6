package message

import (
	"bellman/internal/message/liquid"
	"bellman/internal/message/markup"
)

// The two ways to write a value that is not safe: in HTML, or as it is.
type (
	htmlEscaper  struct{}
	plainEscaper struct{}
)

func (htmlEscaper) Append(dst []byte, value string) []byte {
	return markup.AppendEscaped(dst, liquid.Clean(value))
}

func (plainEscaper) Append(dst []byte, value string) []byte {
	return append(dst, liquid.Clean(value)...)
}
