// Package fault has the kinds of failure that cross package borders. Every package
// may import it.
//
// A feature returns a fault when the caller can act on it; the edges (the two HTTP
// surfaces and the command line) turn its kind into a status and its code and
// message into words. Any other error is a bug or an outage and is shown outside
// only as "internal error".
package fault

import (
	"errors"
	"fmt"
	"log/slog"
)

// Kind says who has to act on a failure.
type Kind int

// The kinds. The zero Kind is Internal, so that a plain error is never taken for a
// mistake of the caller's.
const (
	// Internal is a bug or an outage of ours; its text must not be shown outside.
	Internal Kind = iota
	// Invalid is input that can never succeed as it stands.
	Invalid
	// Unauthorized is a call without valid credentials.
	Unauthorized
	// Forbidden is a call whose credentials do not suffice.
	Forbidden
	// NotFound is a thing that does not exist for this caller.
	NotFound
	// Conflict is input that the present state refuses.
	Conflict
	// Limited is a call that came too soon.
	Limited
	// Unavailable is a failure elsewhere that may pass: try again.
	Unavailable
)

// Error is a failure that the caller can act on.
type Error struct {
	Kind Kind
	// Code is stable, snake_case, and part of the API.
	Code string
	// Field is the path of the input at fault, as the client wrote it
	// ("recipients[3].contactId"); empty when it is not about one field.
	Field string
	// Message says what is wrong and what to do, in a sentence without secrets.
	Message string
	// Err is the cause; it is logged and never shown.
	Err error
}

// Error implements error. It never includes the cause, which may hold secrets.
func (e *Error) Error() string {
	if e.Field != "" {
		return e.Field + ": " + e.Message
	}
	return e.Message
}

// LogValue implements [slog.LogValuer]: a log has the cause too.
func (e *Error) LogValue() slog.Value {
	if e.Err == nil {
		return slog.StringValue(e.Error())
	}
	return slog.StringValue(e.Error() + ": " + e.Err.Error())
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// In returns a copy of e with the given field.
func (e *Error) In(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Because returns a copy of e with the given cause.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// New makes an error of the given kind; the message is formatted as by
// [fmt.Sprintf].
func New(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// KindOf returns the kind of the first [Error] in err's chain, or Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is a fault with the given stable code.
func Is(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
