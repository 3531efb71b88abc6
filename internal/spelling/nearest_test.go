package spelling

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNearest names what was meant by a name that does not exist, if it is near.
func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"firstName", "lastName", "email", "id"}
	for name, want := range map[string]string{
		"firstName": "firstName", "firstname": "firstName", "FIRSTNAME": "firstName", "fistName": "firstName", "firstNames": "firstName",
		"fristName": "firstName",
		"name":      "", "emial": "email", "Email": "email", "e-mail": "email", "mail": "email", "ID": "id", "ie": "id", "x": "",
		"lstnme": "lastName", "phone": "", "": "",
	} {
		require.Equal(t, want, Nearest(name, known), name)
	}
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "a", 0}, {"a", "", 1}, {"", "ab", 2}, {"a", "b", 1}, {"a", "A", 1}, {"ab", "AB", 1}, {"abc", "ABC", 2},
		{"ab", "ba", 2}, {"kitten", "sitting", 3},
		{"1", "\x11", 1}, {"@a", "`a", 1},
		{strings.Repeat("a", 64), strings.Repeat("a", 64), 0}, {strings.Repeat("a", 65), strings.Repeat("a", 65), 64},
		{strings.Repeat("a", 65), "a", 64}, {"a", strings.Repeat("a", 65), 64}, {"saturday", "sunday", 3},
	} {
		require.Equal(t, tt.want, distance(tt.a, tt.b), "%q %q", tt.a, tt.b)
	}
	require.Equal(t, "b", Nearest("c", []string{"b", "d"}), "the first of those that are as near")
}
