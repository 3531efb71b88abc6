package markup

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The blanks are these and no others; the first and the last of each row are.
func TestBlanksEndWhereTheyShould(t *testing.T) {
	t.Parallel()
	rows := [][2]rune{
		{'\t', '\n'}, {' ', ' '}, {0xa0, 0xa0}, {0xad, 0xad}, {0x1680, 0x1680}, {0x180e, 0x180e}, {0x2000, 0x200f}, {0x202f, 0x202f},
		{0x205f, 0x206f}, {0x2800, 0x2800}, {0x3000, 0x3000}, {0xfeff, 0xfeff}, {0xfffc, 0xfffc},
	}
	for r := rune(1); r <= 0x1ffff; r++ {
		blank := slices.ContainsFunc(rows, func(row [2]rune) bool { return r >= row[0] && r <= row[1] })
		if got := IsBlank([]byte(string(r))); got != blank && (r < 0xd800 || r > 0xdfff) {
			require.Equal(t, blank, got, "%U", r)
		}
	}
}

func TestNumbersAreDecimal(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{"<tg-time unix='%s'>a</tg-time>", "<tg-emoji emoji-id='%s'>a</tg-emoji>"} {
		for number, taken := range map[string]bool{"12": true, "2147483647": true, "1a": false, "a": false, "0x1": false, "": false, "1.5": false} {
			var p Parser
			text := fmt.Sprintf(tag, number)
			require.Equal(t, taken, p.Parse([]byte(text)) == nil, text)
		}
	}
}
