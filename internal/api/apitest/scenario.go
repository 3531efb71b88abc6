package apitest

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// Scenario is one request and what is expected of its answer.
type Scenario struct {
	Name   string
	Method string
	Path   string
	Body   string
	// Header holds names and values in turn.
	Header []string
	Status int
	// Is is the whole body, Contains and Lacks are parts of it.
	Is       string
	Contains []string
	Lacks    []string
	// Answered holds names and values of the answer's headers in turn.
	Answered []string
}

// Check makes the request and compares.
func (s Scenario) Check(t *testing.T, in *Installation) {
	t.Helper()
	w := in.Call(s.Method, s.Path, s.Body, s.Header...)
	require.Equal(t, s.Status, w.Code, w.Body)
	if s.Is != "" {
		require.Equal(t, s.Is, strings.TrimSuffix(w.Body.String(), "\n"))
	}
	for _, part := range s.Contains {
		require.Contains(t, w.Body.String(), part)
	}
	for _, part := range s.Lacks {
		require.NotContains(t, w.Body.String(), part)
	}
	for i := 0; i < len(s.Answered); i += 2 {
		require.Equal(t, s.Answered[i+1], w.Header().Get(s.Answered[i]))
	}
}

// RunAll runs scenarios that do not depend on each other.
func RunAll(t *testing.T, in *Installation, scenarios []Scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			s.Check(t, in)
		})
	}
}

// FuzzBody sends bodies to the path: no body causes an internal error.
func FuzzBody(f *testing.F, in *Installation, method, path string, seeds ...string) {
	f.Helper()
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w := in.Call(method, path, text)
		require.Less(t, w.Code, http.StatusInternalServerError, "%q: %s", text, w.Body)
		require.True(t, utf8.Valid(w.Body.Bytes()))
		require.NotContains(t, in.Log.String(), "panicked")
	})
}
