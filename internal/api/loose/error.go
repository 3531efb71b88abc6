package loose

import "errors"

// Error says that the JSON at a place is not what it should be.
type Error struct {
	// Path is the place, such as tokens[1].contactId; empty for the whole body. It
	// grows from the inside out while the error returns.
	Path string
	// Want is what should be there, such as "a string".
	Want string
}

// Error implements error.
func (e *Error) Error() string {
	if e.Path == "" {
		return "the body must be " + e.Want
	}
	return e.Path + " must be " + e.Want
}

// Want returns the [*Error] of a value that should be something else.
func Want(what string) error { return &Error{Want: what} }

// Inside returns err as seen from around the part, a member's name or an
// element's number in brackets. Only the path of an [*Error] changes; nil and
// other errors are returned as they are.
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
