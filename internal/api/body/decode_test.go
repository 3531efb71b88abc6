package body_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/api/problem"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	other := errors.New("other")
	name := func(v loose.Value) (name string, err error) {
		if v.Empty() {
			return "nobody", nil
		}
		err = v.Members(func(member string, v loose.Value) (err error) {
			if member == "fail" {
				return other
			}
			name, err = v.Text()
			return err
		})
		return name, err
	}
	large := `{"name":"x"` + strings.Repeat(" ", 5<<20) + `}`
	for text, want := range map[string]struct {
		name   string
		status int
		fault  string
	}{
		`{"name":"Olena"}`:   {name: "Olena"},
		"\ufeff{\"name\":5}": {name: "5"},
		``:                   {name: "nobody"},
		"\ufeff":             {name: "nobody"},
		`{"name":[]}`:        {status: 400, fault: "name must be a string"},
		`[]`:                 {status: 400, fault: "the body must be a JSON object"},
		`{"name":`:           {status: 400, fault: "the body is not valid JSON: it ends too early at byte 8"},
		large:                {status: 413, fault: "the body is larger than 4 MiB: send it in parts"},
	} {
		got, err := body.Decode(httptest.NewRecorder(), post(text), name)
		if want.fault == "" {
			require.NoError(t, err)
			require.Equal(t, want.name, got)
			continue
		}
		var p *problem.Problem
		require.ErrorAs(t, err, &p)
		require.Equal(t, want.status, p.Status)
		require.Equal(t, want.fault, p.Detail)
	}
	_, err := body.Decode(httptest.NewRecorder(), post(`{"fail":1}`), name)
	require.Equal(t, other, err, "an error that is no matter of shape is returned as it is")
	got, err := body.DecodeLarge(httptest.NewRecorder(), post(large), name)
	require.NoError(t, err)
	require.Equal(t, "x", got)
}

func post(text string) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/", strings.NewReader(text))
}
