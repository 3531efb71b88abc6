package loose

import "errors"

// Error describes a JSON value of the wrong form.
type Error struct {
	// Path is the place of the value, such as tokens[1].contactId; empty for the
	// whole body. It grows from the inside outwards while the error is returned.
	Path string
	// Want is what is expected there, such as "a string".
	Want string
}

// Error implements error.
func (e *Error) Error() string {
	if e.Path == "" {
		return "the body must be " + e.Want
	}
	return e.Path + " must be " + e.Want
}

// Want returns the [*Error] of a value in whose place something else is expected.
func Want(what string) error { return &Error{Want: what} }

// Inside adds part, a member's name or an element's number in brackets, before the
// path of an [*Error]. It returns nil and other errors unchanged.
func Inside(part string, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	path := part + e.Path
	if e.Path != "" && e.Path[0] != '[' {
		path = part + "." + e.Path
	}
	return &Error{path, e.Want}
}
