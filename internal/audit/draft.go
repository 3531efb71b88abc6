package audit

import (
	"context"
	"strconv"
)

// Draft is the line of an act that is under way. It travels in the context of a request:
// the first writing transaction of it appends the line. A draft belongs to one goroutine
// at a time, and a nil one to nobody: what may not be told has none.
type Draft struct {
	entry Entry
	// stranger says that the actor was nobody when the act began.
	stranger bool
	// more and idle are what the transaction under way has said of itself; see [More] and
	// [Idle].
	more, idle bool
	// fixed says that the entry has its outcome.
	fixed bool
	// begun says that there is a line with that outcome, told that there is the line.
	begun, told bool
}

// NewDraft returns a draft of a line; its outcome is not read.
func NewDraft(e Entry) *Draft { return &Draft{entry: e, stranger: e.Actor.Kind == Nobody} }

type draftKey struct{}

// With returns a context that carries the draft.
func With(ctx context.Context, d *Draft) context.Context {
	return context.WithValue(ctx, draftKey{}, d)
}

// Apart returns a context whose transactions are no part of the act.
func Apart(ctx context.Context) context.Context {
	if From(ctx) == nil {
		return ctx
	}
	return With(ctx, nil)
}

// From returns the draft of a context; nil for none.
func From(ctx context.Context) *Draft {
	d, _ := ctx.Value(draftKey{}).(*Draft)
	return d
}

// Begin is called at the begin of each transaction, and of each new attempt at one.
func (d *Draft) Begin() {
	if d != nil {
		d.more, d.idle = false, false
	}
}

// Due returns the line that the transaction under way has to append before it commits,
// without id and hashes; ok is false for none.
func (d *Draft) Due() (e Entry, ok bool) {
	if d == nil || d.told || d.begun && d.more || d.idle && !d.begun {
		return e, false
	}
	e = d.entry
	switch {
	case d.fixed:
	case d.more:
		e.Outcome = Begun
	default:
		e.Outcome = Done
	}
	return e, true
}

// Commit notes that the transaction, with what was due, was committed.
func (d *Draft) Commit() {
	if _, due := d.Due(); !due {
		return
	}
	d.begun, d.told = d.begun || d.more, !d.more
}

// end returns the line that is still to be written when the act has ended: with a code,
// as a failure. ok is false for none.
func (d *Draft) end(code string) (e Entry, ok bool) {
	if d == nil {
		return e, false
	}
	e = d.entry
	e.Outcome = code
	if code == "" {
		e.Outcome = Done
		return e, d.begun && !d.told
	}
	return e, d.begun || d.told
}

// More says, inside a transaction, that the act goes on in another one.
func More(ctx context.Context) {
	if d := From(ctx); d != nil {
		d.more = true
	}
}

// Idle says, inside a transaction, that it changes nothing: there is nothing to tell.
func Idle(ctx context.Context) {
	if d := From(ctx); d != nil {
		d.idle = true
	}
}

// About says what the act is about, such as keys and 7: for what gets its id by the act.
func About(ctx context.Context, kind string, id int64) {
	if d := From(ctx); d != nil {
		d.entry.Subject = kind + "/" + strconv.FormatInt(id, 10)
	}
}

// Was and Became say what was changed. A later call replaces what an earlier one said.
func Was(ctx context.Context, f Facts) {
	if d := From(ctx); d != nil {
		d.entry.Before = f.text()
	}
}

// Became is described at [Was].
func Became(ctx context.Context, f Facts) {
	if d := From(ctx); d != nil {
		d.entry.After = f.text()
	}
}

// Claims says who somebody wants to be who is nobody yet.
func Claims(ctx context.Context, name string) {
	if d := From(ctx); d != nil && d.stranger {
		d.entry.Actor.Name = name
	}
}

// Enters says who somebody is, and into which workspace they come, who was nobody when
// the act began. For others it does nothing.
func Enters(ctx context.Context, workspaceID, userID int64, name string) {
	if d := From(ctx); d != nil && d.stranger {
		d.entry.WorkspaceID, d.entry.Actor = workspaceID, Actor{User, userID, name}
	}
}
