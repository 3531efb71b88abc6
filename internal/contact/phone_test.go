package contact

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPhones(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ region, text, want string }{
		{"UA", "", ""}, {"UA", " \t\u200b", ""}, {"UA", `=""`, ""},
		// As people write them.
		{"UA", "050 123-45-67", "+380501234567"}, {"UA", "(050)1234567", "+380501234567"}, {"UA", "501234567", "+380501234567"},
		{"UA", "8 (050) 123-45-67", "+380501234567"}, {"UA", "80501234567", "+380501234567"}, {"UA", "+050 123 45 67", "+380501234567"},
		{"", "+380 (50) 1234567", "+380501234567"}, {"", "+380 (0) 50 1234567", "+380501234567"}, {"", "+1.212.555.0100", "+12125550100"},
		{"RU", "8 916 123-45-67", "+79161234567"}, {"BY", "8 029 123-45-67", "+375291234567"}, {"DE", "0151 23456789", "+4915123456789"},
		{"US", "(212) 555-0100", "+12125550100"},
		// With the country code, in whatever region.
		{"", "380671234567", "+380671234567"}, {"", "00380501234567", "+380501234567"}, {"US", "00380501234567", "+380501234567"},
		{"US", "380501234567", "+380501234567"}, {"DE", "380671234567", "+380671234567"}, {"CZ", "380671234567", "+380671234567"},
		{"IN", "380671234567", "+380671234567"}, {"UA", "48601234567", "+48601234567"}, {"KZ", "79161234567", "+79161234567"},
		// What is international by its plus need not be known.
		{"", "+9990000", "+9990000"}, {"UA", "+999000000000000", "+999000000000000"}, {"", "009990000", "+9990000"},
		// As programs export them.
		{"", "380671234567.0", "+380671234567"}, {"", "380671234567,00", "+380671234567"}, {"", `="+380671234567"`, "+380671234567"},
		{"", `="380671234567"`, "+380671234567"}, {"", "'+380671234567", "+380671234567"}, {"", `"+380671234567"`, "+380671234567"},
		{"UA", "\u202a050\u00a0123\u201145\u201367\u202c", "+380501234567"}, {"UA", "\ufeff050\u2009123\u00ad4567", "+380501234567"},
		{"", "\uff0b\uff13\uff18\uff10501234567", "+380501234567"},
		// Two in one cell.
		{"UA", "050 123-45-67, 067 123 45 67", "+380501234567"}, {"UA", "0501234567/0671234567", "+380501234567"},
		{"", "+380501234567;+380671234567", "+380501234567"}, {"UA", "none, 0501234567", "+380501234567"},
		{"UA", "0501234567\n0671234567", "+380501234567"},
	} {
		got, err := (Reader{tt.region}).Phone(tt.text)
		require.NoError(t, err, "%+q", tt)
		require.Equal(t, tt.want, got, "%+q", tt)
	}
}

// What cannot be a phone is refused with what to do about it; above all a number
// without its country is never taken to begin with one.
func TestPhonesRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		region, text string
		want         error
	}{
		{"", "0501234567", errPhoneRegion}, {"", "501234567", errPhoneRegion}, {"", "+0501234567", errPhoneRegion},
		{"", "8 050 123-45-67", errPhoneRegion}, {"", "9990000", errPhoneRegion},
		{"UA", "123456", errPhone}, {"UA", "1234567", errPhone}, {"UA", "8050123456", errPhone}, {"UA", "0201234567", errPhone},
		{"", "999000", errPhone}, {"", "+999000", errPhone}, {"", "00999000", errPhone}, {"", "+9990000000000000", errPhone},
		{"UA", "order 380501234567", errPhone}, {"UA", "050-CALL-NOW", errPhone}, {"UA", "()", errPhone}, {"UA", "+", errPhone},
		{"UA", ",;/", errPhone}, {"UA", "\xff", errPhone}, {"UA", "-", errPhone},
		{"UA", "3.80671E+11", errPhoneShortened}, {"UA", "3,80671234567E+11", errPhoneShortened},
	} {
		got, err := (Reader{tt.region}).Phone(tt.text)
		require.ErrorIs(t, err, tt.want, "%+q: %s", tt, got)
	}
}

// A valid phone of any country is read, written in international form or with its
// country code alone, wherever its reader is; and in its own country as it is
// dialled there.
func TestPhonesOfAllCountries(t *testing.T) {
	t.Parallel()
	regions := make([]string, 0, len(phonenumbers.GetSupportedRegions()))
	for region := range phonenumbers.GetSupportedRegions() {
		regions = append(regions, region)
	}
	rapid.Check(t, func(rt *rapid.T) {
		of, in := rapid.SampledFrom(regions).Draw(rt, "of"), rapid.SampledFrom(regions).Draw(rt, "in")
		number := phonenumbers.GetExampleNumberForType(of, phonenumbers.MOBILE)
		if number == nil || !phonenumbers.IsValidNumber(number) {
			return
		}
		want := phonenumbers.Format(number, phonenumbers.E164)
		for form, text := range map[string]string{
			"E.164": want, "international": phonenumbers.Format(number, phonenumbers.INTERNATIONAL), "00": "00" + want[1:],
			"formula": `="` + want + `"`,
		} {
			got, err := (Reader{in}).Phone(text)
			require.NoError(rt, err, "%s in %s: %s", form, in, text)
			require.Equal(rt, want, got, "%s in %s: %s", form, in, text)
		}
		got, err := (Reader{}).Phone(want[1:])
		require.NoError(rt, err, want)
		require.Equal(rt, want, got)
		national := phonenumbers.Format(number, phonenumbers.NATIONAL)
		if back, err := phonenumbers.Parse(national, of); err != nil || phonenumbers.Format(back, phonenumbers.E164) != want ||
			strings.ContainsFunc(national, notPhone) {
			return // the library does not read what it writes, or it uses letters
		}
		got, err = (Reader{of}).Phone(national)
		require.NoError(rt, err, "%s in %s", national, of)
		require.Equal(rt, want, got, "%s in %s", national, of)
	})
}

// Numbers of which it is known that they have nothing before the area code are as the
// library writes them, whatever their digits and length.
func TestTrunksAreThoseOfTheLibrary(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 11))
	for code := range trunks {
		for begin := range 1000 {
			for length := minPhone; length <= maxPhone; length++ {
				number := fmt.Sprintf("%s%03d", code, begin)
				for len(number) < length {
					number += strconv.Itoa(random.IntN(10))
				}
				if !withoutTrunk(number) {
					continue
				}
				if e164, ok := validPhone("+"+number, ""); ok {
					require.Equal(t, "+"+number, e164)
				}
			}
		}
		require.Equal(t, trunks[code] == "", withoutTrunk(code+trunks[code]+"501234567"), code)
	}
	require.False(t, withoutTrunk("5491123456789"), "the library knows more of Argentina")
}
