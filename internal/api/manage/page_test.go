package manage

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A cursor leads back to the key that it was made of, whatever that is.
func TestCursors(t *testing.T) {
	t.Parallel()
	type key struct {
		Name string
		ID   int64
	}
	rapid.Check(t, func(t *rapid.T) {
		last := key{rapid.String().Draw(t, "name"), rapid.Int64().Draw(t, "id")}
		p := Paging{Limit: 1}
		out := paged(p, []key{last, {}}, func(k key) key { return k }, func(k key) key { return k })
		require.Equal(t, []key{last}, out.Body.Items)
		p.Cursor = out.Body.NextCursor
		back, err := cursorOf[key](p)
		require.NoError(t, err)
		require.Equal(t, &last, back)
		require.Empty(t, paged(p, []key{last}, func(k key) key { return k }, func(k key) key { return k }).Body.NextCursor)
	})
}

func FuzzCursor(f *testing.F) {
	for _, text := range []string{"NTA", "", "!", "MA", "eyJOYW1lIjoiYSIsIklEIjoxfQ", "NTAgNTA"} {
		f.Add(text)
	}
	type key struct {
		Name string
		ID   int64
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := Paging{Cursor: text}
		if id, err := p.after(); err == nil && text != "" && id < 1 {
			t.Fatal(id)
		}
		if k, err := cursorOf[key](p); err == nil && (k == nil) != (text == "") {
			t.Fatal(k)
		}
	})
}
