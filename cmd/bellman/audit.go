package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"strings"
	"time"

	"bellman/internal/audit"
	"bellman/internal/store"
)

type auditCommand struct {
	Check auditCheckCommand `cmd:"" help:"Walk the audit log, and name the first line that was changed or is missing."`
}

type auditCheckCommand struct{ database }

var errBroken = errors.New("the audit log was changed")

// Run prints what the check has found; a line that does not fit makes it fail.
func (c *auditCheckCommand) Run() error {
	return c.with(func(ctx context.Context, db *store.DB) error {
		r, err := audit.New(db.Audit, time.Now, slog.New(slog.DiscardHandler)).Check(ctx)
		if err != nil {
			return err
		}
		if !r.Good() {
			return fmt.Errorf("%w: line %d does not fit (%s); before it, %d do", errBroken, r.BrokenID, r.Why, r.Lines)
		}
		_, err = fmt.Printf("%d lines fit, from %d to %d; the last hash is %s\n", r.Lines, r.Head.FirstID, r.Head.LastID, r.Head.LastHash)
		return err
	})
}

// byCommand returns a context whose writes the audit log tells of as those of who runs
// the program.
func byCommand(ctx context.Context, act, subject string, workspaceID int64) context.Context {
	return audit.With(ctx, audit.NewDraft(audit.Entry{
		WorkspaceID: workspaceID, At: time.Now(), Actor: audit.Actor{Kind: audit.Command, Name: account()}, Act: act, Subject: subject,
	}))
}

// account returns the name that the operating system has for who runs the program.
func account() string {
	if u, err := user.Current(); err == nil {
		return strings.ToValidUTF8(u.Username, "?")
	}
	return fmt.Sprint("uid ", os.Getuid())
}
