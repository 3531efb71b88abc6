package loose_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/contact"
)

// reader reads a value by one method, as text that a table can hold.
type reader func(v loose.Value) (string, error)

func reading[T any](read func(v loose.Value) (T, error)) reader {
	return func(v loose.Value) (string, error) {
		got, err := read(v)
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(got)
		return string(text), err
	}
}

var readers = map[string]reader{
	"Text":   reading(loose.Value.Text),
	"Texts":  reading(loose.Value.Texts),
	"Scalar": reading(loose.Value.Scalar),
	"Bool":   reading(loose.Value.Bool),
	"Whole":  reading(loose.Value.Whole),
	"ID":     reading(loose.Value.ID),
	"IDs":    reading(loose.Value.IDs),
	"Chat": reading(func(v loose.Value) ([2]any, error) {
		id, echo, err := v.Chat()
		return [2]any{id, echo}, err
	}),
	"Time": reading(func(v loose.Value) ([2]any, error) {
		at, unit, err := v.Time()
		return [2]any{at, unit.String()}, err
	}),
	"Members": reading(func(v loose.Value) (all []string, err error) {
		err = v.Members(func(name string, member loose.Value) error {
			all = append(all, name+"="+string(member.Raw()))
			return nil
		})
		return all, err
	}),
	"Elements": reading(func(v loose.Value) (all []string, err error) {
		err = v.Elements(func(i int, element loose.Value) error {
			all = append(all, strconv.Itoa(i)+"="+string(element.Raw()))
			return nil
		})
		return all, err
	}),
}

// spec: in-lone-object in-number-text in-bool-text in-time app-token-text
func TestRead(t *testing.T) {
	t.Parallel()
	const (
		notText, notBool, notWhole = "the body must be a string", "the body must be true or false", "the body must be a whole number"
		notScalar                  = "the body must be a string, a number, true or false"
		notID                      = "the body must be a whole number from 1 to 9007199254740991"
		notToken                   = "the body must be a Telegram chat id, as a string or a number"
		notChat                    = "the body must be between -9007199254740991 and 9007199254740991"
		notTime                    = "the body must be a time such as 2026-03-01T15:04, or a day"
		notObject, notArray        = "the body must be a JSON object", "the body must be an array"
		zeroTime                   = `["0001-01-01T00:00:00Z","0s"]`
	)
	for _, c := range []struct{ read, text, want, fault string }{
		{"Text", `"a\u0062\ud83d\ude00"`, `"ab😀"`, ""},
		{"Text", `17`, `"17"`, ""}, {"Text", `-0`, `"-0"`, ""}, {"Text", `null`, `""`, ""}, {"Text", ``, `""`, ""},
		{"Text", `123456789012345678901234567890`, `"123456789012345678901234567890"`, ""},
		{"Text", `501.0`, `"501"`, ""}, {"Text", `"501.0"`, `"501.0"`, ""}, {"Text", `1.5`, "", notText},
		{"Text", `1e3`, "", notText}, {"Text", `true`, "", notText}, {"Text", `[]`, "", notText},
		{"Text", `{}`, "", notText},
		{"Texts", `["a",1,null]`, `["a","1",""]`, ""}, {"Texts", `"a"`, `["a"]`, ""}, {"Texts", `5`, `["5"]`, ""}, {"Texts", `null`, `null`, ""},
		{"Texts", `["a",{}]`, "", "[1] must be a string"}, {"Texts", `{}`, "", notText}, {"Texts", `true`, "", notText},
		{"Scalar", `"a"`, `"a"`, ""}, {"Scalar", `42.50`, `"42.50"`, ""}, {"Scalar", `true`, `"true"`, ""}, {"Scalar", `null`, `""`, ""},
		{"Scalar", `[]`, "", notScalar}, {"Scalar", `{}`, "", notScalar},
		{"Bool", `true`, `true`, ""}, {"Bool", `"TRUE"`, `true`, ""}, {"Bool", `1`, `true`, ""}, {"Bool", `"1"`, `true`, ""},
		{"Bool", `false`, `false`, ""}, {"Bool", `"False"`, `false`, ""}, {"Bool", `0`, `false`, ""}, {"Bool", `null`, `false`, ""},
		{"Bool", `""`, `false`, ""},
		{"Bool", `"perhaps"`, "", notBool}, {"Bool", `2`, "", notBool}, {"Bool", `[]`, "", notBool}, {"Bool", `{}`, "", notBool},
		{"Whole", `-5`, `-5`, ""}, {"Whole", `"007"`, `7`, ""}, {"Whole", `null`, `0`, ""}, {"Whole", `""`, `0`, ""},
		{"Whole", `9223372036854775807`, `9223372036854775807`, ""}, {"Whole", `9223372036854775808`, "", notWhole},
		{"Whole", `3.0`, `3`, ""}, {"Whole", `"3.0"`, `3`, ""},
		{"Whole", `1.5`, "", notWhole}, {"Whole", `5e2`, "", notWhole}, {"Whole", `"x"`, "", notWhole}, {"Whole", `true`, "", notWhole},
		{"ID", `1`, `1`, ""}, {"ID", `"12"`, `12`, ""}, {"ID", `null`, `0`, ""}, {"ID", `""`, `0`, ""},
		{"ID", `9007199254740991`, `9007199254740991`, ""}, {"ID", `9007199254740992`, "", notID}, {"ID", `0`, `0`, ""},
		{"ID", `12.0`, `12`, ""}, {"ID", `"12.00"`, `12`, ""}, {"ID", `"0"`, `0`, ""}, {"ID", `12.`, "", notID}, {"ID", `-0.0`, "", notID},
		{"ID", `-1`, "", notID},
		{"ID", `"+1"`, "", notID}, {"ID", `1.5`, "", notID}, {"ID", `"x"`, "", notID}, {"ID", `[]`, "", notID},
		{"IDs", `[1,"2"]`, `[1,2]`, ""}, {"IDs", `3`, `[3]`, ""}, {"IDs", `"3"`, `[3]`, ""}, {"IDs", `null`, `null`, ""},
		{"IDs", `[]`, `null`, ""},
		{"IDs", `[1,null]`, "", "[1] must be an id"}, {"IDs", `""`, "", "the body must be an id"},
		{"IDs", `[0]`, "", "[0] must be an id"},
		{"Chat", `501`, `[501,"501"]`, ""}, {"Chat", `"-100501"`, `[-100501,"-100501"]`, ""}, {"Chat", `"abc"`, `[0,"abc"]`, ""},
		{"Chat", `"007"`, `[0,"007"]`, ""},
		{"Chat", `null`, `[0,""]`, ""}, {"Chat", `1.5`, "", notToken}, {"Chat", `{}`, "", notToken}, {"Chat", `9007199254740992`, "", notChat},
		{"Chat", `"-9223372036854775809"`, "", notChat},
		{"Time", `"2026-03-01"`, `["2026-03-01T00:00:00Z","24h0m0s"]`, ""}, {"Time", `"2026-03-01T15:04"`, `["2026-03-01T15:04:00Z","1m0s"]`, ""},
		{"Time", `" 2026-03-01 15:04:05 "`, `["2026-03-01T15:04:05Z","1s"]`, ""},
		{"Time", `"2026-03-01T15:04:05+02:00"`, `["2026-03-01T13:04:05Z","1s"]`, ""},
		{"Time", `"2026-03-01T15:04:05+0200"`, `["2026-03-01T13:04:05Z","1s"]`, ""},
		{"Time", `"2026-03-01T15:04Z"`, `["2026-03-01T15:04:00Z","1m0s"]`, ""},
		{"Time", `"2026-03-01 15:04"`, `["2026-03-01T15:04:00Z","1m0s"]`, ""},
		{"Time", `"31.12.2026"`, `["2026-12-31T00:00:00Z","24h0m0s"]`, ""}, {"Time", `"31/12/2026"`, `["2026-12-31T00:00:00Z","24h0m0s"]`, ""},
		{"Time", `"31.12.26"`, `["2026-12-31T00:00:00Z","24h0m0s"]`, ""}, {"Time", `"1.2.2026 15:04"`, `["2026-02-01T15:04:00Z","1m0s"]`, ""},
		{"Time", `"12/31/2026"`, "", notTime},
		{"Time", `null`, zeroTime, ""}, {"Time", `""`, zeroTime, ""}, {"Time", `"soon"`, "", notTime}, {"Time", `5`, "", notTime},
		{"Time", `[]`, "", notTime},
		{"Members", " \n{ \"a\" : [1, 2] , \"\\u0062\":{\"c\":\"}\"}, \"a\":null } ", `["a=[1, 2]","b={\"c\":\"}\"}","a=null"]`, ""},
		{"Members", `{}`, `null`, ""}, {"Members", `null`, `null`, ""}, {"Members", ``, `null`, ""}, {"Members", `[]`, "", notObject},
		{"Members", `"x"`, "", notObject},
		{"Elements", "[ ]", `null`, ""}, {"Elements", `[1,"]",[[]] , null]`, `["0=1","1=\"]\"","2=[[]]","3=null"]`, ""},
		{"Elements", `{"a":1}`, `["0={\"a\":1}"]`, ""},
		{"Elements", `null`, `null`, ""}, {"Elements", `"x"`, "", notArray}, {"Elements", `5`, "", notArray},
	} {
		got, err := readers[c.read](loose.Parse([]byte(c.text)))
		if c.fault != "" {
			require.EqualError(t, err, c.fault, "%s of %s", c.read, c.text)
			continue
		}
		require.NoError(t, err, "%s of %s", c.read, c.text)
		require.Equal(t, c.want, got, "%s of %s", c.read, c.text)
	}
}

// spec: in-null
func TestNullLeavesPlacesAlone(t *testing.T) {
	t.Parallel()
	name, id, on := "old", int64(5), true
	text, number, flag := &name, &id, &on
	set := func(json string) {
		v := loose.Parse([]byte(json))
		require.NoError(t, v.SetText(&text))
		require.NoError(t, v.SetID(&number))
		require.NoError(t, v.SetBool(&flag))
	}
	set(`null`)
	set(``)
	require.Equal(t, []any{"old", int64(5), true}, []any{*text, *number, *flag})
	set(`"1"`)
	require.Equal(t, []any{"1", int64(1), true}, []any{*text, *number, *flag})
	require.NoError(t, loose.Parse([]byte(`""`)).SetText(&text))
	require.Empty(t, *text, "the empty text is a text")
}

func TestErrorNamesThePlace(t *testing.T) {
	t.Parallel()
	err := loose.Inside("a", loose.Inside("[2]", loose.Inside("b", loose.Inside("c", loose.Want("x")))))
	require.EqualError(t, err, "a[2].b.c must be x")
	require.EqualError(t, loose.Want("x"), "the body must be x")
	require.NoError(t, loose.Inside("a", nil))
	require.ErrorIs(t, loose.Inside("a", errOther), errOther)

	deep := func(v loose.Value) error {
		return v.Members(func(_ string, v loose.Value) error {
			return v.Elements(func(_ int, v loose.Value) error {
				return v.Members(func(_ string, v loose.Value) error {
					_, err := v.Text()
					return err
				})
			})
		})
	}
	require.EqualError(t, deep(loose.Parse([]byte(`{"a":[{},{"b":[]}]}`))), "a[1].b must be a string")
	require.EqualError(t, deep(loose.Parse([]byte(`{"a":{"b":[]}}`))), "a.b must be a string")
}

var errOther = json.Unmarshal([]byte("!"), new(any))

// value draws JSON as a strict client writes it.
func value(t *rapid.T, depth int) any {
	kinds := 5
	if depth > 0 {
		kinds = 7
	}
	switch rapid.IntRange(1, kinds).Draw(t, "kind") {
	case 1:
		return rapid.String().Draw(t, "text")
	case 2:
		return json.Number(strconv.FormatInt(rapid.Int64().Draw(t, "number"), 10))
	case 3:
		return rapid.Bool().Draw(t, "flag")
	case 4:
		return json.Number(strconv.FormatFloat(rapid.Float64Range(-1e6, 1e6).Draw(t, "fraction"), 'e', -1, 64))
	case 5:
		return nil
	case 6:
		list := make([]any, rapid.IntRange(0, 3).Draw(t, "length"))
		for i := range list {
			list[i] = value(t, depth-1)
		}
		return list
	}
	members := map[string]any{}
	for range rapid.IntRange(0, 3).Draw(t, "members") {
		members[rapid.String().Draw(t, "name")] = value(t, depth-1)
	}
	return members
}

// walked reads a value with this package only, as encoding/json would.
func walked(t require.TestingT, v loose.Value) any {
	switch {
	case v.IsNull():
		return nil
	case v.IsArray():
		list := []any{}
		require.NoError(t, v.Elements(func(i int, v loose.Value) error {
			require.Len(t, list, i)
			list = append(list, walked(t, v))
			return nil
		}))
		return list
	case v.IsObject():
		members := map[string]any{}
		require.NoError(t, v.Members(func(name string, v loose.Value) error {
			members[name] = walked(t, v)
			return nil
		}))
		return members
	}
	text, err := v.Scalar()
	require.NoError(t, err)
	if v.IsString() {
		return text
	}
	if b, err := v.Bool(); err == nil && (text == "true" || text == "false") {
		return b
	}
	return json.Number(text)
}

// strict reads a text with encoding/json.
func strict(t require.TestingT, text []byte) (value any) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&value))
	return value
}

func TestReadsStrictJSONAsItIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, err := json.Marshal(value(t, 3))
		require.NoError(t, err)
		require.Equal(t, strict(t, text), walked(t, loose.Parse(text)), "%s", text)
	})
}

func TestNumbersAndTheirTextsAreTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := strconv.FormatInt(rapid.Int64().Draw(t, "n"), 10)
		number, text := loose.Parse([]byte(digits)), loose.Parse([]byte(`"`+digits+`"`))
		for name, read := range readers {
			if name == "Time" || name == "Elements" || name == "Members" {
				continue
			}
			a, errA := read(number)
			b, errB := read(text)
			require.Equal(t, a, b, "%s of %s", name, digits)
			require.Equal(t, errA, errB, "%s of %s", name, digits)
		}
		id, err := number.ID()
		n, _ := strconv.ParseInt(digits, 10, 64)
		require.Equal(t, n >= 0 && n <= contact.MaxID, err == nil)
		if err == nil {
			require.Equal(t, n, id)
		}
	})
}

func TestTimesAreReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "at"), 0).UTC()
		zone := time.FixedZone("", rapid.IntRange(-12, 14).Draw(t, "zone")*3600)
		for layout, unit := range map[string]time.Duration{
			time.RFC3339: time.Second, "2006-01-02T15:04Z07:00": time.Minute, "2006-01-02T15:04:05Z0700": time.Second,
		} {
			got, exact, err := loose.ParseTime(at.In(zone).Format(layout))
			require.NoError(t, err)
			require.Equal(t, unit, exact)
			require.Equal(t, at.Truncate(unit), got)
		}
	})
}

// FuzzRead reads any text in every way without a panic, and valid text as
// encoding/json does.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { "a" : [ ] , "b":{"c":"}\""} }`, `{"a":[1,"]",null,{"x":[[]]}]}`, `[1]`, `null`, "{\"é\":\t-1.5e-7\n}",
		`{"\u0061":"\ud83d\ude00"}`,
		`{"a"`, `{"a":`, `["`, `"\`, `"\u12`, `{]`, `[}`, `nul`, `nan`, `-`, `+Inf`, `{"a":1 "b":2}`, `[[[[[[`, "\x00", `{"a":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v := loose.Parse(raw)
		for _, read := range readers {
			_, _ = read(v)
		}
		if body.Check(raw) == nil {
			require.Equal(t, strict(t, raw), walked(t, v))
		}
	})
}
