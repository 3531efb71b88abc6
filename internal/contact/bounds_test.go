package contact

import (
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/message"
)

// of returns n letters, each of two bytes.
func of(n int) string { return strings.Repeat("ї", n) }

// A text of the greatest length is accepted unchanged, and one that is longer is
// refused.
func TestTextsOfAProfile(t *testing.T) {
	t.Parallel()
	for field, at := range map[string]func(p *Profile) **string{
		"externalCustomerId": func(p *Profile) **string { return &p.ExternalCustomerID },
		"firstName":          func(p *Profile) **string { return &p.FirstName },
		"lastName":           func(p *Profile) **string { return &p.LastName },
		"address.region":     func(p *Profile) **string { return &p.Region },
		"address.town":       func(p *Profile) **string { return &p.Town },
		"address.address":    func(p *Profile) **string { return &p.Address },
		"address.postcode":   func(p *Profile) **string { return &p.Postcode },
		"contactKey":         func(p *Profile) **string { return &p.ContactKey },
	} {
		most := MaxText
		if field == "externalCustomerId" {
			most = MaxExternalID
		}
		longest, longer, broken, nul := of(most), of(most)+"x", "\xff", "\x00"
		var p Profile
		*at(&p) = &longest
		clean, left := p.clean(Reader{}, nil)
		require.Empty(t, left, field)
		require.Equal(t, longest, **at(&clean))
		for _, wrong := range []*string{&longer, &broken, &nul} {
			*at(&p) = wrong
			clean, left = p.clean(Reader{}, nil)
			require.Nil(t, *at(&clean), field)
			require.Equal(t, fault.Invalid, fault.KindOf(left.error()), field)
			require.ErrorContains(t, left.error(), strconv.Itoa(most))
		}
	}
}

func TestOrdersOfAProfile(t *testing.T) {
	t.Parallel()
	first := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	last := time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	kyiv := time.FixedZone("", 2*60*60)
	for _, c := range []struct{ in, want Orders }{
		{Orders{}, Orders{}},
		{Orders{Count: MaxID}, Orders{Count: MaxID}},
		{Orders{LastAt: first}, Orders{LastAt: first}},
		{Orders{LastAt: last, Count: 1}, Orders{LastAt: last.Truncate(time.Millisecond), Count: 1}},
		{Orders{LastAt: first.Add(50 * time.Hour).In(kyiv)}, Orders{LastAt: first.Add(50 * time.Hour)}},
	} {
		got, err := cleanOrders(&c.in)
		require.NoError(t, err)
		require.Equal(t, c.want, *got)
	}
	for field, wrong := range map[string][]Orders{
		"ordersInfo.count":    {{Count: -1}, {Count: MaxID + 1}},
		"ordersInfo.lastDate": {{LastAt: first.Add(-1)}, {LastAt: last.Add(1)}},
	} {
		for _, o := range wrong {
			_, err := cleanOrders(&o)
			require.True(t, fault.Is(err, "orders_invalid"), err)
			require.ErrorContains(t, err, map[bool]string{true: "negative", false: "1970"}[field == "ordersInfo.count"])
		}
	}
	none, err := cleanOrders(nil)
	require.NoError(t, err)
	require.Nil(t, none)
}

func TestDeviceBounds(t *testing.T) {
	t.Parallel()
	good := Device{Type: MobilePush, Token: strings.Repeat("t", MaxDeviceToken), AppID: of(MaxDeviceText), AppVersion: of(MaxDeviceText)}
	cleanDevices := func(devices []Device) ([]Device, gaps) {
		var c cleaner
		return c.devices(devices), c.gaps
	}
	got, left := cleanDevices([]Device{good, {Type: WebPush, Token: "w"}, good})
	require.Empty(t, left)
	require.Equal(t, []Device{good, {Type: WebPush, Token: "w"}}, got)
	for _, change := range []func(d *Device){
		func(d *Device) { d.Type = "" },
		func(d *Device) { d.Token = " " },
		func(d *Device) { d.Token += "t" },
		func(d *Device) { d.Token = of(MaxDeviceToken/2 + 1) },
		func(d *Device) { d.Token = "\x00" },
		func(d *Device) { d.AppID += "x" },
		func(d *Device) { d.DeviceModel = "\x00" },
		func(d *Device) { d.OS = "\x00" },
		func(d *Device) { d.Locale = "\x00" },
		func(d *Device) { d.ClientVersion = "\x00" },
		func(d *Device) { d.AppVersion += "x" },
	} {
		d := good
		change(&d)
		got, left := cleanDevices([]Device{{Type: WebPush, Token: "w"}, d})
		require.Equal(t, []Device{{Type: WebPush, Token: "w"}}, got, "the other is kept")
		require.True(t, fault.Is(left.error(), "device_invalid"), left)
	}
	many := make([]Device, MaxDevices+1)
	for i := range many {
		many[i] = Device{Type: MobilePush, Token: strconv.Itoa(i)}
	}
	_, left = cleanDevices(many[1:])
	require.Empty(t, left)
	_, left = cleanDevices(append(many[1:], many[1]))
	require.Empty(t, left, "one that comes twice is one")
	got, left = cleanDevices(many)
	require.Empty(t, got)
	require.True(t, fault.Is(left.error(), "too_many_devices"), left)
	require.True(t, left.has(AttributeMobilePush) && left.has(AttributeWebPush), left)
}

// Devices of one type are replaced, those of the other stay.
func TestReplaceDevices(t *testing.T) {
	t.Parallel()
	m1, m2, w1, w2 := Device{Type: MobilePush, Token: "1"}, Device{Type: MobilePush, Token: "2"},
		Device{Type: WebPush, Token: "1"}, Device{Type: WebPush, Token: "2"}
	have, sent := []Device{m1, w1}, []Device{w2, m2}
	require.Equal(t, []Device{w1, m2}, replaceDevices(have, sent, MobilePush))
	require.Equal(t, []Device{m1, w2}, replaceDevices(have, sent, WebPush))
	require.Equal(t, []Device{m1, w1}, have, "what there was is not changed in place")
	require.Equal(t, []Device{w2, m2}, sent)
	changed := Device{Type: MobilePush, Token: "1", OS: "iOS"}
	require.Equal(t, []Device{changed, w1, w2}, mergeDevices(have, []Device{changed, w2}))
	require.Equal(t, []Device{m1, w1}, have)
}

func TestNumberBounds(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		strings.Repeat("1", 40):          strings.Repeat("1", 40),
		"1." + strings.Repeat("1", 39):   "1." + strings.Repeat("1", 39),
		"0000" + strings.Repeat("1", 40): strings.Repeat("1", 40),
		"-1":                             "-1",
		"-0":                             "0",
		"+7":                             "7",
	} {
		got, ok := Number.clean(in)
		require.True(t, ok, in)
		require.Equal(t, want, got)
	}
	for _, in := range []string{"1." + strings.Repeat("1", 40), strings.Repeat("1", 41), "", "-", "x1", "1x"} {
		_, ok := Number.clean(in)
		require.False(t, ok, in)
	}
	_, ok := Type("list").clean("x")
	require.False(t, ok)
	longest, ok := Text.clean(of(MaxValue))
	require.True(t, ok)
	require.Equal(t, of(MaxValue), longest)
}

func TestDatesWithAZone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-02-28T10:00:00+0200": "2026-02-28T08:00:00Z",
		"2026-02-28T10:00+02:00":   "2026-02-28T08:00:00Z",
		"9999-12-31T23:59:59Z":     "9999-12-31T23:59:59Z",
		"0000-01-01T00:00:00Z":     "0000-01-01T00:00:00Z",
		"2026-02-28 10:00":         "2026-02-28T10:00:00",
		" 2026-02-28T10:00:00 ":    "2026-02-28T10:00:00",
	} {
		got, ok := Date.clean(in)
		require.True(t, ok, in)
		require.Equal(t, want, got)
	}
	for _, in := range []string{"9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00"} {
		_, ok := Date.clean(in)
		require.False(t, ok, "%s: the year has no four digits in UTC", in)
	}
}

// A refused value gets an error that says what its field takes.
func TestFieldFaultsSayWhatToWrite(t *testing.T) {
	t.Parallel()
	types := fieldTypes{1: Text, 2: Number, 3: Date, 4: Boolean}
	for id, words := range map[int64]string{1: "1000 characters", 2: "12.5", 3: "2026-03-01", 4: "true or false"} {
		_, err := types.clean(id, "\x00")
		require.True(t, fault.Is(err, "field_value_invalid"), err)
		require.ErrorContains(t, err, words)
	}
	_, err := types.clean(5, "")
	require.True(t, fault.Is(err, "field_unknown"), err)
	require.NoError(t, checkFieldName(of(MaxFieldName)))
	require.Error(t, checkFieldName(of(MaxFieldName)+"x"))
}

func TestLanguageForms(t *testing.T) {
	t.Parallel()
	longest := ("qq" + strings.Repeat("-abcdefgh", message.MaxLanguage/9+1))[:message.MaxLanguage]
	for _, in := range []string{"qq-abcdefgh", "qq-a", "qq-1", "qq-9", "abcdefgh-xy", "AZ-az", longest} {
		require.True(t, isLanguage(in), in)
	}
	for _, in := range []string{
		"qq-abcdefghi", "q-ab", "q1-ab", "qq-", "-qq", "qq-a:", "qq-a/", "qq-a@", "qq-a[", "qq-a`", "qq-a{", "q@", "q[", longest + "1",
	} {
		require.False(t, isLanguage(in), in)
	}
}

// The integration API shows the end of a mute without an end as a time that clients
// know.
func TestMuteForever(t *testing.T) {
	t.Parallel()
	require.Equal(t, "9999-12-31 23:59:59", MuteForever.Format(time.DateTime))
}

func TestContactIDs(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int64{"": 0, " ": 0, "1": 1, " 42 ": 42, "9007199254740991": MaxID} {
		got, err := Reader{}.ContactID(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got)
	}
	for _, in := range []string{"0", "-1", "+5", "x", "9007199254740992", "99999999999999999999", "1.0"} {
		_, err := Reader{}.ContactID(in)
		require.ErrorIs(t, err, errContactID, in)
	}
}

func TestEmails(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("a", 250) + "@x.y"
	for in, want := range map[string]string{"": "", " ": "", " A@x.ua ": "A@x.ua", "a@b": "a@b", longest: longest, "a+b@ї.ua": "a+b@ї.ua"} {
		got, err := Reader{}.Email(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got)
	}
	for _, in := range []string{
		"a", "@b", "a@", "a@b@c", "a" + longest, of(127) + "@x", "a@\xff", "a\x00@b",
		"a b@c", "a\t@b", "a\r@b", "a\n@b", "<a@b", "a@b>", "a@b,", "a@b;",
	} {
		_, err := Reader{}.Email(in)
		require.True(t, fault.Is(err, "email_invalid"), in)
	}
}

// The error names the first identifier that cannot be read.
func TestIdentityNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ external, phone, email, code string }{
		{"\xff", "?", "?", "external_customer_id_invalid"}, {"e", "?", "?", "phone_invalid"}, {"e", "+380501111111", "?", "email_invalid"},
	} {
		_, err := Reader{}.Identity(c.external, c.phone, c.email)
		require.True(t, fault.Is(err, c.code), err)
	}
	id, err := Reader{"UA"}.Identity("e", "0501111111", "a@b")
	require.NoError(t, err)
	require.Equal(t, Identity{"e", "+380501111111", "a@b"}, id)
}

func TestMatchKeysFitAnIndex(t *testing.T) {
	t.Parallel()
	fits := strings.Repeat("x", maxKey)
	require.Equal(t, fits, MatchKey(fits))
	require.Len(t, MatchKey(fits+"x"), len("sha256:")+64)
	require.NotEqual(t, MatchKey(fits+"x"), MatchKey(fits+"y"))
}

// A text from a search field is looked up as an id, as an email, as one or two
// names and, when it may be one, as a phone.
func TestSearchTerms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Terms{
		" ":     {},
		" Ко ":  {ExternalCustomerID: "Ко", EmailKey: "ко", Names: []string{"ко"}},
		"Ко Ва": {ExternalCustomerID: "Ко Ва", EmailKey: "ко ва", Names: []string{"ко", "ва"}},
		"a b c": {ExternalCustomerID: "a b c", EmailKey: "a b c", Names: []string{"a b c"}},
		"050":   {ExternalCustomerID: "050", EmailKey: "050", Names: []string{"050"}, Phones: []string{"+050"}},
		"0050":  {ExternalCustomerID: "0050", EmailKey: "0050", Names: []string{"0050"}, Phones: []string{"+50"}},
		"0501111111": {ExternalCustomerID: "0501111111", EmailKey: "0501111111",
			Names: []string{"0501111111"}, Phones: []string{"+0501111111", "+380501111111"}},
		"+380501111111": {
			ExternalCustomerID: "+380501111111", EmailKey: "+380501111111", Names: []string{"+380501111111"}, Phones: []string{"+380501111111"},
		},
	} {
		got := newTerms(text, Reader{"UA"})
		require.Equal(t, want, got, "%q", text)
		require.Equal(t, want.Names == nil, got.Empty())
	}
}

// Each index is passed once, however many there are.
func TestSpread(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, perCore - 1, perCore, perCore + 1, 10*perCore + 7} {
		done := make([]atomic.Int32, n)
		spread(n, func(i int) { done[i].Add(1) })
		for i := range done {
			require.EqualValues(t, 1, done[i].Load(), "%d of %d", i, n)
		}
	}
}

// Values of fields are written to a copy, and an empty one clears its field.
func TestSetFieldsCopies(t *testing.T) {
	t.Parallel()
	have := map[int64]string{1: "a", 2: "b"}
	c := Contact{Fields: have}
	c.setFields(map[int64]string{2: "", 3: "c"})
	require.Equal(t, map[int64]string{1: "a", 3: "c"}, c.Fields)
	require.Equal(t, map[int64]string{1: "a", 2: "b"}, have)
	var none Contact
	none.setFields(nil)
	require.Nil(t, none.Fields)
	none.setFields(map[int64]string{3: "c"})
	require.Equal(t, map[int64]string{3: "c"}, none.Fields)
}

// Only changes are planned to be written.
func TestDraftPlansChanges(t *testing.T) {
	t.Parallel()
	one, two := Device{Type: MobilePush, Token: "1"}, Device{Type: WebPush, Token: "2"}
	same := &Contact{ID: 1, Fields: map[int64]string{1: "a"}, Devices: []Device{one, two}, CreatedAt: time.Unix(1, 0)}
	other := &Contact{ID: 2, Fields: map[int64]string{1: "a", 2: "b", 3: "c"}, Devices: []Device{one}, DeletedAt: time.Unix(2, 0)}
	now := time.Unix(9, 0)
	d := newDraft(newIndex(Snapshot{Contacts: []Contact{*same, *other}}, 0), now)
	same, other = d.known.byID[1], d.known.byID[2]
	d.change(same, func(c *Contact) { c.Devices = []Device{two, one} })
	d.change(other, func(c *Contact) { c.Fields = map[int64]string{1: "a", 3: "x", 4: "d"} })
	d.change(other, func(c *Contact) { c.Devices = nil })
	fresh, _ := d.create(7, func(c *Contact) { c.Fields, c.Devices = map[int64]string{5: "e"}, []Device{one} })
	plan := d.finish()
	require.Equal(t, []*Contact{fresh}, plan.Create)
	require.Equal(t, []*Contact{same, other}, plan.Update, "each once")
	require.Equal(t, []PlannedField{{fresh, 5, "e"}, {other, 3, "x"}, {other, 4, "d"}, {other, 2, ""}}, plan.Fields)
	require.Equal(t, []PlannedDevices{{fresh, []Device{one}}, {other, nil}}, plan.Devices)
	require.True(t, other.living(), "who is changed is restored")
	require.Equal(t, Contact{WorkspaceID: 7, Fields: map[int64]string{5: "e"}, Devices: []Device{one}, CreatedAt: now, UpdatedAt: now}, *fresh)
	require.Equal(t, now, same.UpdatedAt)
	require.Equal(t, time.Unix(1, 0), same.CreatedAt)
}
