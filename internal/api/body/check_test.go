package body_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/body"
	"bellman/internal/api/problem"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	nested := func(depth int) string {
		return strings.Repeat(`{"a":[`, depth/2) + strings.Repeat(`]}`, depth/2)
	}
	for name, c := range map[string]struct{ text, code, at string }{
		"object":                   {text: ` {"a":[1,-2.5e3,"x",true,null]} `},
		"escapes":                  {text: `"\"\\\/\b\f\n\r\t\u0041"`},
		"surrogate pair":           {text: `"\ud83d\ude00"`},
		"escaped escape":           {text: `"\\ud800"`},
		"emoji":                    {text: `"😀"`},
		"replacement character":    {text: `"\ufffd"`},
		"as deep as may be":        {text: nested(body.MaxDepth)},
		"too deep":                 {text: nested(body.MaxDepth + 2), code: "body_too_deep", at: "at byte 300"},
		"brackets in strings":      {text: `"` + strings.Repeat("[", 200) + `"`},
		"NUL":                      {text: `{"a":"b\u0000"}`, code: "body_nul", at: "at byte 7"},
		"NUL in a name":            {text: `{"\u0000":1}`, code: "body_nul", at: "at byte 2"},
		"high alone":               {text: `"\uD800"`, code: "body_lone_surrogate", at: "at byte 1"},
		"low alone":                {text: `"a\uDFFF"`, code: "body_lone_surrogate", at: "at byte 2"},
		"high high":                {text: `"\ud800\ud800"`, code: "body_lone_surrogate", at: "at byte 1"},
		"high at the end of value": {text: `["\udbff","\udc00"]`, code: "body_lone_surrogate", at: "at byte 2"},
		"broken UTF-8":             {text: "\"ab\xc3\"", code: "body_not_utf8", at: "at byte 3"},
		"cut":                      {text: `{"a":"b`, code: "body_not_json", at: "it ends too early at byte 7"},
		"cut number":               {text: `-`, code: "body_not_json", at: "at byte 1"},
		"last byte wrong":          {text: `[1,]`, code: "body_not_json", at: "at byte 3"},
		"two values":               {text: `1 2`, code: "body_not_json", at: "at byte 2"},
		"only space":               {text: "\n ", code: "body_not_json", at: "at byte 2"},
		"deep beyond the decoder":  {text: strings.Repeat("[", 1_000_000), code: "body_not_json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := body.Check([]byte(c.text))
			if c.code == "" {
				require.NoError(t, err)
				return
			}
			var p *problem.Problem
			require.ErrorAs(t, err, &p)
			require.Equal(t, c.code, p.Code)
			require.Equal(t, 400, p.Status)
			require.Contains(t, p.Detail, c.at)
		})
	}
}

// FuzzCheck looks for text that passes and is nevertheless changed by decoding.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{`{"a":"\ud83d\ude00"}`, `"\\u0000"`, `"\\\ud800"`, `[[{}]]`, "\"\xff\"", `"\ud800`, "1e9"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if body.Check(raw) != nil {
			return
		}
		var value any
		if err := json.Unmarshal(raw, &value); err != nil {
			var big *json.UnmarshalTypeError
			require.ErrorAs(t, err, &big, "only a number may be too large to decode")
			return
		}
		decoded := fmt.Sprint(value)
		require.True(t, utf8.ValidString(decoded))
		require.NotContains(t, decoded, "\x00")
		// A U+FFFD that was not sent is a character that was lost.
		sent := bytes.Count(raw, []byte("\ufffd")) + strings.Count(strings.ToLower(string(raw)), `fffd`)
		if sent == 0 {
			require.NotContains(t, decoded, "\ufffd")
		}
	})
}
