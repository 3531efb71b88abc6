package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

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

// FuzzMultipart reads forms by a writer of forms, and arbitrary bytes.
func FuzzMultipart(f *testing.F) {
	f.Add("text", "hi", "photo", "a.png", []byte("\x89PNG\r\n"), []byte("--b\r\n\r\n"))
	f.Add("media", `[{"type":"photo","media":"attach://f0"}]`, "f0", "\"x\".jpg",
		[]byte("--b--\r\n--b"), []byte("--b\r\nContent-Disposition: form-data; name=\"x\"; filename=\"y\"\r\n\r\nz\r\n--b--"))
	f.Fuzz(func(t *testing.T, name, text, field, fileName string, content, body []byte) {
		p := params{}
		if p.decode(nil, []byte("multipart/form-data; boundary=b"), body) == nil {
			require.True(t, json.Valid([]byte(strings.ToValidUTF8(p.object(), ""))))
			require.LessOrEqual(t, p.uploaded(), int64(len(body)))
		}
		if strings.ContainsFunc(name+field+fileName, unicode.IsControl) || !utf8.ValidString(name+field+fileName) {
			return // no header can hold them
		}
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		require.NoError(t, w.WriteField(name, text))
		part, err := w.CreateFormFile(field, fileName)
		require.NoError(t, err)
		_, err = part.Write(content)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		require.NoError(t, p.decode(nil, []byte(w.FormDataContentType()), form.Bytes()))
		require.Len(t, p.list, 2)
		require.Equal(t, text, string(p.list[0].value))
		require.Equal(t, content, append([]byte{}, p.list[1].value...))
		if strings.IndexFunc(name+field+fileName, func(r rune) bool { return r < '0' || r > 'z' || r == '\\' }) >= 0 || fileName == "" {
			return // names that a form may spell otherwise
		}
		require.Equal(t, name, string(p.list[0].name))
		require.Equal(t, text, string(p.get(name)))
		file := p.file(field)
		require.NotNil(t, file)
		require.Equal(t, fileName, file.fileName)
		require.EqualValues(t, len(content), p.uploaded())
	})
}
