package contact

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestFieldValues(t *testing.T) {
	t.Parallel()
	types := fieldTypes{1: Text, 2: Number, 3: Date, 4: Boolean}
	for _, tt := range []struct {
		id       int64
		in, want string
	}{
		{1, " кириця ", " кириця "},
		{1, "", ""},
		{2, "", ""},
		{2, "007", "7"}, {2, "+1.50", "1.5"}, {2, "-0.0", "0"}, {2, "-0.5", "-0.5"},
		{2, "0", "0"}, {2, " 12345678901234567890.5 ", "12345678901234567890.5"}, {2, "5.", "5"}, {2, "12,50", "12.5"},
		{3, "2026-02-28", "2026-02-28"}, {3, "2026-02-28T10:00", "2026-02-28T10:00:00"}, {3, "2026-02-28 10:00:01", "2026-02-28T10:00:01"},
		{3, "2026-02-28T10:00:00+02:00", "2026-02-28T08:00:00Z"}, {3, "2026-02-28T10:00Z", "2026-02-28T10:00:00Z"},
		{3, "28.02.2026", "2026-02-28"}, {3, "8/2/2026", "2026-02-08"}, {3, "28.02.26", "2026-02-28"}, {3, "28.02.69", "1969-02-28"},
		{3, "2026/02/28", "2026-02-28"}, {3, "28.02.2026 10:00", "2026-02-28T10:00:00"}, {3, "28/02/2026 10:00:01", "2026-02-28T10:00:01"},
		{4, "TRUE", "true"}, {4, "0", "false"}, {4, "1", "true"},
	} {
		got, err := types.clean(tt.id, tt.in)
		require.NoError(t, err, tt.in)
		require.Equal(t, tt.want, got)
	}
	for _, tt := range []struct {
		id int64
		in string
	}{
		{1, strings.Repeat("x", MaxValue+1)}, {1, "\x00"}, {1, "\xff"}, {2, "1e3"},
		{2, "--1"}, {2, "1,5,5"}, {2, "."}, {2, strings.Repeat("1", 41)},
		{3, "2026-02-30"}, {3, "30.02.2026"}, {3, "12/31/2026"}, {3, "10:00"}, {4, "yes"}, {5, "x"},
	} {
		_, err := types.clean(tt.id, tt.in)
		require.Error(t, err, tt.in)
	}
}

func TestLanguagesAndZones(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "UK\n": "uk", "uk_UA": "uk-UA", "PT-br": "pt-BR", "iw": "he", "zh-hans-cn": "zh-Hans-CN", "qq-XY": "qq-xy",
	} {
		got, err := cleanLanguage(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got)
	}
	for _, in := range []string{"українська", "x", "english language", "en--US", "12", strings.Repeat("a", 40), "en-\x00"} {
		_, err := cleanLanguage(in)
		require.Error(t, err, in)
	}
	for _, in := range []string{"", "Europe/Kyiv", " Europe/Kiev ", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+3"} {
		_, err := cleanTimeZone(in)
		require.NoError(t, err, in)
	}
	for _, in := range []string{"Local", "Kyiv", "../../etc/passwd", "europe kyiv", "+03:00", "/UTC", "Europe/Kyiv\x00", "Europe"} {
		_, err := cleanTimeZone(in)
		require.Error(t, err, in)
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"Олена", " ОЛЕНА ", "олена"}, {"Юрій", "ЮРІ\u0418\u0306"}, {"STRASSE", "straße", "Straẞe"},
		{"Ґ", "ґ"}, {"ΣΊΣΥΦΟΣ", "σίσυφος"}, {"", " "},
	} {
		for _, s := range same {
			require.Equal(t, Fold(same[0]), Fold(s))
		}
	}
	require.NotEqual(t, Fold("Олена"), Fold("Олeна"), "a Latin e")
}

// Plain letters are folded by a shorter way, which comes to the same for each pair of them.
func TestPlainLettersFoldAsAnyDo(t *testing.T) {
	t.Parallel()
	var plain []string
	for r := rune('!'); r <= unicode.MaxRune; r++ {
		if s := string(r); isPlain(s) {
			plain = append(plain, s)
		}
	}
	require.Subset(t, plain, strings.Split("A z Ґ ї Й Є ’ '", " "))
	for _, a := range plain {
		for _, b := range plain {
			if Fold(a+b) != foldAny(a+b) {
				t.Fatalf("%q: %q, %q", a+b, Fold(a+b), foldAny(a+b))
			}
		}
	}
	for _, s := range []string{"e\u0301", "ß", "İ", "\xff", "и\u0306"} {
		require.False(t, isPlain(s), s)
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Олена", "ЮРІ\u0418\u0306", "İstanbul", "ǰΐΰ\u0345", "\xff", "ß\u0307"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded := Fold(s)
		require.Equal(t, folded, Fold(folded))
		require.Equal(t, folded, Fold(" "+s+" "))
		if utf8.ValidString(s) {
			require.True(t, utf8.ValidString(folded))
		}
	})
}

// A stored value may be sent again: cleaning a clean value changes nothing.
func FuzzClean(f *testing.F) {
	for _, s := range []string{
		"1.50", "2026-02-28T10:00:00+02:00", "uk_UA", "Europe/Kyiv", "+380 50 123-45-67", "a@b.c", "0501234567", "true",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for kind, clean := range map[string]func(string) (string, error){
			"language": cleanLanguage, "zone": cleanTimeZone, "email": Reader{}.Email, "external": Reader{}.ExternalCustomerID,
			"number":  func(s string) (string, error) { return fieldTypes{1: Number}.clean(1, s) },
			"date":    func(s string) (string, error) { return fieldTypes{1: Date}.clean(1, s) },
			"boolean": func(s string) (string, error) { return fieldTypes{1: Boolean}.clean(1, s) },
			"text":    func(s string) (string, error) { return fieldTypes{1: Text}.clean(1, s) },
		} {
			once, err := clean(s)
			if err != nil {
				continue
			}
			again, err := clean(once)
			require.NoError(t, err, "%s %q: %q", kind, s, once)
			require.Equal(t, once, again, "%s %q", kind, s)
			require.True(t, utf8.ValidString(once), "%s %q", kind, s)
		}
		if phone, err := (Reader{"UA"}).Phone(s); err == nil && phone != "" {
			require.Regexp(t, `^\+[0-9]+$`, phone)
		}
		require.LessOrEqual(t, len(MatchKey(s)), maxKey)
		newTerms(s, Reader{"UA"})
	})
}

// Among several who share something the one without an externalCustomerId comes
// first, as in databases where one got it before that was refused.
func TestPreferredHolder(t *testing.T) {
	t.Parallel()
	old, now := time.Unix(1, 0), time.Unix(2, 0)
	email := func(id int64, external string, at time.Time) Contact {
		return Contact{ID: id, Identity: Identity{ExternalCustomerID: external, Email: "A@x.ua"}, UpdatedAt: at}
	}
	known := newIndex(Snapshot{Contacts: []Contact{email(1, "e1", now), email(2, "", old), email(3, "e3", now), email(4, "e4", old)}}, 0)
	holders := known.byEmail["a@x.ua"]
	require.Equal(t, int64(2), known.living(holders).ID)
	require.Equal(t, int64(2), known.adoptable(holders, "e9").ID)
	known.remove(known.byID[2])
	require.Equal(t, int64(1), known.living(known.byEmail["a@x.ua"]).ID, "the one updated last, and of those the oldest")
	require.Nil(t, known.adoptable(known.byEmail["a@x.ua"], "e9"))
}
