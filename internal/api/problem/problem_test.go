package problem_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/problem"
	"bellman/internal/fault"
)

func TestOf(t *testing.T) {
	t.Parallel()
	for kind, status := range map[fault.Kind]int{
		fault.Internal: 500, fault.Invalid: 422, fault.Unauthorized: 401, fault.Forbidden: 403,
		fault.NotFound: 404, fault.Conflict: 409, fault.Limited: 429, fault.Unavailable: 503,
	} {
		err := fmt.Errorf("around: %w", fault.New(kind, "some_code", "some %s", "words").In("a.b").Because(errors.New("secret")))
		p := problem.Of(err)
		require.Equal(t, status, p.Status)
		require.NotContains(t, p.Error(), "secret")
		if kind == fault.Internal {
			require.Equal(t, problem.Internal(), p)
			continue
		}
		require.Equal(t, "some_code", p.Code)
		require.Equal(t, "a.b", p.Field)
		require.Equal(t, "some words", p.Detail)
	}
	require.Equal(t, problem.Internal(), problem.Of(errors.New("pq: password is secret")))
	own := problem.New(418, "teapot", "short and stout")
	require.Same(t, own, problem.Of(fmt.Errorf("around: %w", own)))
}

func TestReport(t *testing.T) {
	t.Parallel()
	left, leave := context.WithCancel(t.Context())
	leave()
	for name, c := range map[string]struct {
		ctx    context.Context
		err    error
		logged string
	}{
		"a bug": {t.Context(), errors.New("nil map"), "level=ERROR msg=\"request failed\" error=\"nil map\" cause=\"nil map\"\n"},
		"an outage": {t.Context(), fault.New(fault.Unavailable, "x", "wait").Because(errors.New("refused")),
			"level=WARN msg=\"request has to wait\" error=wait cause=refused\n"},
		"a caller's slip": {t.Context(), fault.New(fault.Invalid, "x", "no"), ""},
		"a caller gone":   {left, fmt.Errorf("query: %w", context.Canceled), "level=DEBUG msg=\"the client left before its answer was ready\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var text bytes.Buffer
			log := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutTime}))
			require.Equal(t, problem.Of(c.err), problem.Report(c.ctx, log, c.err))
			require.Equal(t, c.logged, text.String())
		})
	}
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func TestWrite(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	problem.Write(w, problem.New(401, "unauthorized", "who <are> you?"))
	require.Equal(t, 401, w.Code)
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	require.NotEmpty(t, w.Header().Get("WWW-Authenticate"))
	require.JSONEq(t, `{"title":"Unauthorized","status":401,"code":"unauthorized","detail":"who <are> you?"}`, w.Body.String())
}
