package manage

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"bellman/internal/api/problem"
)

// IfMatch is the input of operations that change what people edit; it is exported for the
// reason given at [ByID].
type IfMatch struct {
	IfMatch string `header:"If-Match" maxLength:"1000" doc:"The ETag of what was read: when it was changed since, the answer is a 412, changed_meanwhile, with what it is now under current. Without it, or with *, whatever is there is changed."`
}

// tagged is an answer with the ETag of what people edit.
type tagged[T any] struct {
	ETag string `header:"ETag" doc:"Stands for what people edit of it: for If-Match, when it is changed."`
	Body T
}

// etag returns the ETag of what people edit of a thing. Two states with the same content
// have the same one, whatever was between them.
func etag(edited any) string {
	text, err := json.Marshal(edited)
	if err != nil {
		panic(err) // edited are views
	}
	sum := sha256.Sum256(text)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// check returns a problem when the ETag that the caller has read is not that of now. The
// view of what is there now goes into the problem.
//
// It is asked under the lock of the change, by the feature. RFC 9110, section 13.1.1.
func (in IfMatch) check(now string, current func() any) error {
	if in.IfMatch == "" {
		return nil
	}
	for tag := range strings.SplitSeq(in.IfMatch, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || tag == now {
			return nil
		}
	}
	p := problem.New(http.StatusPreconditionFailed, "changed_meanwhile",
		"somebody has changed this since you read it: look at what it is now, and save again with its ETag")
	p.Current = current()
	return p
}
