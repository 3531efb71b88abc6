package audit_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/audit"
)

// An act is one line, whatever the number of its transactions, unless it says itself that
// it goes on: then its begin is one, and its end. A failure behind a line is another one.
func TestLinesOfAnAct(t *testing.T) {
	t.Parallel()
	done, more, idle := func(context.Context) {}, audit.More, audit.Idle
	for name, tt := range map[string]struct {
		transactions []func(context.Context)
		code         string
		want         []string
	}{
		"nothing":                   {nil, "", nil},
		"a refusal":                 {nil, "code", nil},
		"one":                       {[]func(context.Context){done}, "", []string{audit.Done}},
		"two":                       {[]func(context.Context){done, done}, "", []string{audit.Done}},
		"one that changes nothing":  {[]func(context.Context){idle}, "code", nil},
		"the second of them":        {[]func(context.Context){idle, done}, "", []string{audit.Done}},
		"a failure behind it":       {[]func(context.Context){done}, "code", []string{audit.Done, "code"}},
		"in pieces":                 {[]func(context.Context){more, more, done}, "", []string{audit.Begun, audit.Done}},
		"in pieces, and one more":   {[]func(context.Context){more, more, idle}, "", []string{audit.Begun, audit.Done}},
		"in pieces, and a failure":  {[]func(context.Context){more, more}, "code", []string{audit.Begun, "code"}},
		"in pieces, without an end": {[]func(context.Context){more}, "", []string{audit.Begun, audit.Done}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shelf{}
			service := s.service()
			ctx := audit.With(t.Context(), service.Draft(audit.Entry{Act: "act"}))
			for _, do := range tt.transactions {
				d := audit.From(ctx)
				d.Begin()
				audit.More(ctx) // of an attempt that failed
				d.Begin()
				do(ctx)
				if e, due := d.Due(); due {
					s.told = append(s.told, e)
				}
				d.Commit()
			}
			service.Ended(ctx, tt.code)
			var got []string
			for _, e := range s.told {
				require.Equal(t, "act", e.Act)
				got = append(got, e.Outcome)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// Without a draft nothing is told, and nobody has to ask.
func TestNoDraft(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	for _, ctx := range []context.Context{t.Context(), audit.Apart(audit.With(t.Context(), audit.NewDraft(audit.Entry{})))} {
		audit.More(ctx)
		audit.Idle(ctx)
		audit.About(ctx, "keys", 1)
		audit.Was(ctx, audit.Facts{"a": 1})
		audit.Became(ctx, audit.Facts{"a": 1})
		audit.Claims(ctx, "x")
		audit.Enters(ctx, 1, 2, "x")
		require.NoError(t, s.service().Tell(ctx))
		s.service().Ended(ctx, "code")
		s.service().EndedRefused(ctx, "code")
	}
	require.Empty(t, s.told)
}

// Who was nobody becomes somebody; who is somebody stays it.
func TestWhoActs(t *testing.T) {
	t.Parallel()
	for kind, want := range map[audit.ActorKind]audit.Entry{
		audit.Nobody:  {WorkspaceID: 7, Actor: audit.Actor{Kind: audit.User, ID: 3, Name: "o@example.com"}},
		audit.Command: {WorkspaceID: 1, Actor: audit.Actor{Kind: audit.Command, Name: "root"}},
	} {
		d := audit.NewDraft(audit.Entry{WorkspaceID: 1, Actor: audit.Actor{Kind: kind, Name: "root"}})
		ctx := audit.With(t.Context(), d)
		audit.Claims(ctx, "p@example.com")
		for range 2 { // of two attempts at a transaction
			audit.Enters(ctx, 7, 3, "o@example.com")
		}
		e, due := d.Due()
		require.True(t, due)
		want.Outcome = audit.Done
		require.Equal(t, want, e)
	}
}
