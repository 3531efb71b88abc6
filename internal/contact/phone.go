package contact

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"

	"bellman/internal/fault"
)

// The faults of a text that is no phone. None of them quotes the text: a phone is
// personal.
var (
	errPhone = fault.New(fault.Invalid, "phone_invalid",
		"this is not a phone number: write it in international form, such as +380501234567").In("phone")
	errPhoneRegion = fault.New(fault.Invalid, "phone_region_missing",
		"this phone has no country code: write it in international form, such as +380501234567, "+
			"or set phoneRegion, the country of such numbers, in the settings of the workspace").In("phone")
	errPhoneShortened = fault.New(fault.Invalid, "phone_invalid",
		"a spreadsheet has cut the digits of this phone: store the column as text and export it again").In("phone")
)

// The fewest and most digits of a phone with its country code. E.164 has at most 15.
const (
	minPhone = 7
	maxPhone = 15
)

// Phone reads a phone and returns it in E.164. With a plus, or 00 for it, a number
// is international; it need not be valid, since numbering plans change and a phone
// only identifies. Without, it is read in the region if that makes a valid number,
// and else as beginning with the country code, as many systems export phones, if
// that makes one. What spreadsheets add to a number is ignored. Of several phones
// in one text the first counts. Any other text is Invalid.
func (r Reader) Phone(s string) (string, error) {
	s = bare(s)
	if s == "" {
		return "", nil
	}
	if shortened.MatchString(s) {
		return "", errPhoneShortened
	}
	e164, err := r.phone(s)
	if err == nil {
		return e164, nil
	}
	for first := range strings.FieldsFuncSeq(s, func(c rune) bool { return strings.ContainsRune(",;/|\n", c) }) {
		if first == s {
			break
		}
		if e164, err := r.phone(strings.TrimSpace(first)); err == nil {
			return e164, nil
		}
	}
	return "", err
}

// phone reads one phone.
func (r Reader) phone(s string) (string, error) {
	// The library finds numbers within other words, too: an order number is no
	// phone.
	if strings.ContainsFunc(s, notPhone) {
		return "", errPhone
	}
	number := digits(s)
	if international := strings.TrimPrefix(number, "00"); strings.HasPrefix(s, "+") || international != number {
		// No country code begins with 0: such a plus was put before a local number.
		if !strings.HasPrefix(international, "0") {
			return asWritten(international)
		}
		number = international
	}
	if local, ok := validPhone(trunk(number, r.Region), r.Region); ok {
		return local, nil
	}
	if international, ok := validPhone("+"+number, ""); ok {
		return international, nil
	}
	if r.Region == "" && len(number) >= minPhone && len(number) <= maxPhone {
		return "", errPhoneRegion
	}
	return "", errPhone
}

// asWritten returns the number that begins with a country code in E.164, without
// the 0 that some write before the area code, as in +44 (0) 20.
func asWritten(number string) (string, error) {
	if len(number) < minPhone || len(number) > maxPhone {
		return "", errPhone
	}
	if !withoutTrunk(number) {
		if e164, ok := validPhone("+"+number, ""); ok {
			return e164, nil
		}
	}
	return "+" + number, nil
}

// trunks holds what is dialled before numbers within a country, by country codes; empty
// where nothing is. There the library changes no number that begins otherwise, valid or
// not, which is known without its expressions: they take most of the time of reading a
// list of contacts.
var trunks = map[string]string{"380": "0", "48": "", "49": "0", "373": "0", "7": "8", "44": "0"}

// withoutTrunk reports whether the number that begins with a country code is known to
// have nothing before the area code.
func withoutTrunk(number string) bool {
	for code := 1; code <= 3; code++ {
		if trunk, known := trunks[number[:code]]; known {
			return trunk == "" || !strings.HasPrefix(number[code:], trunk)
		}
	}
	return false
}

func validPhone(s, region string) (string, bool) {
	number, err := phonenumbers.Parse(s, region)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return "", false
	}
	return phonenumbers.Format(number, phonenumbers.E164), true
}

// trunk returns the number as it is dialled in the region today. Ukraine dialled 8
// before the 0 until 2009, and many lists have it still.
func trunk(number, region string) string {
	if region == "UA" && len(number) == 11 && strings.HasPrefix(number, "80") {
		return number[1:]
	}
	return number
}

var (
	// shortened is a number as spreadsheets show it when its column is narrow.
	shortened = regexp.MustCompile(`^\+?[0-9][.,][0-9]+[eE]\+?[0-9]+$`)
	// fraction is what a spreadsheet adds to a number that it does not take for a
	// text.
	fraction = regexp.MustCompile(`^(\+?[0-9]+)[.,]0+$`)
)

// bare returns the text without what programs add to a number unseen: marks of
// direction and other characters without a shape, the formula ="…" and the
// apostrophe that keep a spreadsheet from calculating, and a fraction of zero. Its
// digits, signs and spaces are those of ASCII.
func bare(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.Is(unicode.Pd, r), r == '\u2212':
			return '-'
		}
		return r
	}, s)
	s = strings.TrimSpace(norm.NFKC.String(s))
	s = strings.TrimPrefix(s, "=")
	s = strings.TrimSpace(strings.TrimPrefix(strings.Trim(s, `"`), "'"))
	return fraction.ReplaceAllString(s, "$1")
}

// digits returns the digits in s.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// notPhone reports whether a character has no place in a written phone number.
func notPhone(r rune) bool { return !strings.ContainsRune("+0123456789 ()-./\t", r) }
