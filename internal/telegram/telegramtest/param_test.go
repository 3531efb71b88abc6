package telegramtest

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`null`, `true`, `-0.5e+10`, `""`, `"\u0041\ud83d\ude00\n\/"`, `[]`, ` [ 1 , [ ] , {} ] `, `{"a":{"b":[null]},"a":1}`,
		``, `tru`, `01`, `1.`, `.5`, `1e`, `+1`, `"`, `"\x"`, `"\u12"`, "\"\n\"", `[1,]`, `[1 2]`, `{a:1}`, `{"a"}`, `{"a":1,}`, `1 1`,
		`nul`, `{`, `[`, `-`, `"\`,
	} {
		_, err := parseJSON([]byte(text))
		require.Equal(t, json.Valid([]byte(text)), err == nil, text)
	}
	for _, text := range []string{`"\ud800"`, `"\udc00\ud800"`, `"\ud800\u0041"`, `"\ud800x"`} {
		_, err := parseJSON([]byte(text))
		require.ErrorIs(t, err, errSurrogate, text)
	}
	_, err := parseJSON([]byte(strings.Repeat("[", 1000)))
	require.ErrorIs(t, err, errDepth)
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"true": true, "True": true, "YES": true, "1": true, "": false, "false": false, "null": false, "0": false,
		"on": false, "2": false,
	} {
		require.Equal(t, want, isTrue([]byte(text)), text)
	}
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"chat_id":42,"text":"a\ud83d\ude00","x":[1,{"y":null}]}`, `"\ud800"`, `[1e5,-0.1]`, `{"a":"\\"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseJSON([]byte(text))
		if err != nil {
			// Stricter than encoding/json in two points only: lone surrogates and depth.
			require.True(t, !json.Valid([]byte(text)) || errors.Is(err, errSurrogate) || errors.Is(err, errDepth), "%q: %v", text, err)
			return
		}
		var want, got any
		require.NoError(t, json.Unmarshal([]byte(text), &want))
		require.NoError(t, json.Unmarshal(v.append(nil), &got))
		if strings.ToValidUTF8(text, "") == text {
			require.Equal(t, want, got)
		}
	})
}

func FuzzParams(f *testing.F) {
	f.Add("a=b&c=%41+", "application/json", `{"chat_id":1,"text":"x\n"}`)
	f.Add("", "application/x-www-form-urlencoded", "text=a%20b&&=&%zz")
	f.Add("x=1", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhi\r\n--b--\r\n")
	f.Fuzz(func(t *testing.T, query, contentType, body string) {
		p := params{}
		if p.decode([]byte(query), []byte(contentType), []byte(body)) != nil {
			return
		}
		for _, one := range p.list {
			require.False(t, one.name == nil && one.value == nil)
		}
		require.True(t, json.Valid([]byte(strings.ToValidUTF8(p.object(), ""))), p.object())
		if want, err := url.ParseQuery(query); err == nil {
			for name, values := range want {
				require.Equal(t, values[0], string(p.get(name)), name)
			}
		}
	})
}
