package sandbox

import (
	"errors"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// refusal is an answer that refuses a call.
type refusal struct {
	code        int
	description string
	retryAfter  int   // seconds
	migrateTo   int64 // chat id
}

func (r *refusal) Error() string { return r.description }

// asRefusal gives an error the form of an answer. An error that is not a refusal is the text of a 400.
func asRefusal(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	return &refusal{code: 400, description: "Bad Request: " + lowerFirst(err.Error())}
}

// lowerFirst lowers the first letter, unless the text is a code like BUTTON_DATA_INVALID or begins with an acronym.
func lowerFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	second, _ := utf8.DecodeRuneInString(text[size:])
	if unicode.IsUpper(second) || second == '_' {
		return text
	}
	return string(unicode.ToLower(first)) + text[size:]
}

func tooManyRequests(seconds int) *refusal {
	return &refusal{
		code: 429, description: "Too Many Requests: retry after " + strconv.Itoa(seconds), retryAfter: seconds,
	}
}

func forbidden(text string) *refusal { return &refusal{code: 403, description: "Forbidden: " + text} }

func conflict(text string) *refusal { return &refusal{code: 409, description: "Conflict: " + text} }

// append renders the body of the answer.
func (r *refusal) append(dst []byte) []byte {
	dst = append(dst, `{"ok":false,"error_code":`...)
	dst = strconv.AppendInt(dst, int64(r.code), 10)
	dst = append(dst, `,"description":`...)
	dst = appendString(dst, r.description)
	switch {
	case r.retryAfter > 0:
		dst = append(dst, `,"parameters":{"retry_after":`...)
		dst = append(strconv.AppendInt(dst, int64(r.retryAfter), 10), '}')
	case r.migrateTo != 0:
		dst = append(dst, `,"parameters":{"migrate_to_chat_id":`...)
		dst = append(strconv.AppendInt(dst, r.migrateTo, 10), '}')
	}
	return append(dst, '}')
}
