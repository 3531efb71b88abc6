package fault

// Errors are several faults of one input, such as all that is wrong with a message. For
// who looks for one fault, it is the first. It is never empty.
type Errors []*Error

// Error implements error with the words of the first.
func (e Errors) Error() string { return e[0].Error() }

// Unwrap returns the first.
func (e Errors) Unwrap() error { return e[0] }
