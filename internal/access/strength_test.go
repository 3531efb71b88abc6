package access

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Passwords that people choose, from the weakest to the strongest of each line: what is
// worth less is easier to guess.
func TestStrengthIsInOrder(t *testing.T) {
	t.Parallel()
	for _, line := range [][]string{
		{"passwordpassword", "password1234", "P4ssw0rd!2026", "correct horse", "correct horse battery", "correct horse battery staple"},
		{"qwertyuiop[]", "qwertyasdfgh", "qwertyuiop12!", "qWx9!mmKb2$f"},
		{"йцукенгшщзхї", "йцукенфівапр", "синій трактор їде"},
		{"olenaolena", "olena1990", "olena and petro like figs"},
		{"abcdefghijkl", "lkjihgfedcba1", "abcxyzabcxyz1!", "mZ4&abcT9#qL"},
		{"20261129", "2026112920261129", "918273645546372"},
	} {
		var before float64
		for _, password := range line {
			got, err := bits(password, []string{"olena"})
			require.NoError(t, err)
			require.GreaterOrEqual(t, got, before, "%q", password)
			before = got
		}
	}
}

// What is added to a password makes it no weaker by more than a word that comes to be; and
// none is stronger than its characters.
func TestStrengthOfMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		password := rapid.StringOfN(rapid.RuneFrom([]rune("abcdeкіaA1!9 ")), 1, 30, -1).Draw(rt, "password")
		words := map[string]int{"abc": 5, "кіa": 100}
		got := worth(password, words)
		var most float64
		for _, r := range password {
			most += character(r)
		}
		require.LessOrEqual(rt, got, most+1e-9)
		require.LessOrEqual(rt, worth(password+password, words), got+1+1e-9, "a repetition costs a bit")
		if strings.ToLower(password) == password && len([]rune(password)) >= shortest {
			words[password] = 1
			require.LessOrEqual(rt, worth(password, words), 1.0)
		}
	})
}

func TestIsRun(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"abc": true, "cba": true, "7890": true, "987": true, "poiuy": true, "йцук": true, "abd": false, "112": false,
	} {
		require.Equal(t, want, isRun([]rune(text)), text)
	}
}
