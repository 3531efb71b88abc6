package imports

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/audience"
	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/workspace"
)

// The value that a contact is recognised by, as it was sent: that of the import's
// option, else the externalCustomerId.
func TestRecognisedBy(t *testing.T) {
	t.Parallel()
	full := contact.Profile{
		ID: new(int64(7)), ExternalCustomerID: new("e"), Email: new("m"), Phone: new("p"), Fields: map[int64]string{1: "one", 2: "two"},
		Devices: []contact.Device{
			{Type: contact.WebPush, Token: "w"}, {Type: contact.MobilePush, Token: "d"}, {Type: contact.MobilePush, Token: "d2"},
		},
	}
	for on, want := range map[contact.DedupeOn]string{
		contact.OnEmail: "m", contact.OnSMS: "p", contact.OnEmailOrSMS: "p", contact.OnID: "7", contact.OnField: "two",
		contact.OnPush: "w", contact.OnMobilePush: "d", contact.OnWebPush: "w", contact.OnExternalID: "e",
	} {
		o := contact.ImportOptions{DedupeOn: on, FieldID: 2}
		require.Equal(t, want, recognisedBy(o, full), on)
		require.Equal(t, "e", recognisedBy(o, contact.Profile{ExternalCustomerID: new("e")}), on)
		require.Empty(t, recognisedBy(o, contact.Profile{}), on)
	}
	require.Equal(t, "m",
		recognisedBy(contact.ImportOptions{DedupeOn: contact.OnEmailOrSMS}, contact.Profile{Email: new("m"), ExternalCustomerID: new("e")}))
}

// A report has every contact that was created or updated, and every one that failed,
// with its index among all contacts that were sent.
func TestReportOfAPart(t *testing.T) {
	t.Parallel()
	var items []item
	var results []contact.ImportResult
	add := func(status contact.ImportStatus, id int64, f *fault.Error) {
		items = append(items, item{Profile: contact.Profile{Email: new(strconv.Itoa(len(items)))}})
		results = append(results, contact.ImportResult{Status: status, ContactID: id, Fault: f})
	}
	add(contact.ImportCreated, 10, nil)
	add(contact.ImportUpdated, 11, nil)
	add(contact.ImportSkipped, 12, nil)
	wrong := fault.New(fault.Invalid, "email_invalid", "this is none").In("email")
	for range 150 {
		add(contact.ImportFailed, 0, wrong)
	}
	items[152].Email = new(strings.Repeat("ї", maxValue+1))
	for n := range items {
		items[n].Index = 500 + n
	}
	of := Task{ImportOptions: contact.ImportOptions{DedupeOn: contact.OnEmail}}
	got := newReport(of, items, results)
	require.Equal(t, []Mapped{{"0", 10}, {"1", 11}}, got.Mapping)
	require.Len(t, got.Failures, 150)
	require.Equal(t, Failure{503, 0, "3", "email_invalid", "email: this is none"}, got.Failures[0])
	require.Equal(t, 652, got.Failures[149].Index)
	require.Equal(t, strings.Repeat("ї", maxValue), got.Failures[149].Value)
	require.Equal(t, Count{Created: 1, Updated: 1, Skipped: 1, Failed: 150}, count(results))

	// What an earlier version has accepted does not know its place, and is one part.
	items[4].Index = 0
	require.Equal(t, 4, newReport(of, items, results).Failures[1].Index)

	// A row of a file has a number, too.
	items[3].Row, items[3].Index = 9, 6
	require.Equal(t, Failure{6, 9, "3", "email_invalid", "email: this is none"}, newReport(of, items, results).Failures[0])
}

// A new contact's event has as its key the email, else the phone, else the id; a
// value that no key may have is skipped.
func TestEventAboutANewContact(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		person Person
		key    string
	}{
		{Person{7, "a@x.ua", "+380501234567"}, "a@x.ua"}, {Person{7, "", "+380501234567"}, "+380501234567"}, {Person{7, "", ""}, "7"},
		{Person{7, strings.Repeat("a", 300) + "@x.ua", "+380501234567"}, "+380501234567"},
	} {
		require.Equal(t, event.Item{
			Type: "new", Key: c.key, ContactID: 7, Params: []event.Param{
				{Name: "contactId", Value: []byte("7")}, {Name: "EmailAddress", Value: []byte(`"` + c.person.Email + `"`)},
				{Name: "SMS", Value: []byte(`"` + c.person.Phone + `"`)},
			},
		}, c.person.event("new"))
	}
	require.Equal(t, []Person{{1, "a", "p"}}, newPeople([]*contact.Contact{{ID: 1, Identity: contact.Identity{Email: "a", Phone: "p"}}}))
}

// Columns are known by the names of the API and of the vendor, in any spelling, and
// by those of custom fields, with their group or without.
func TestColumnNames(t *testing.T) {
	t.Parallel()
	fields := []contact.Field{{ID: 1, Name: "Card"}, {ID: 2, Name: "Розмір"}, {ID: 3, Name: "a.b"}}
	names := newNaming(Task{}, fields)
	for name, want := range map[string]contact.Attribute{
		"firstName": contact.AttributeFirstName, " FIRST-name ": contact.AttributeFirstName, "last_name": contact.AttributeLastName,
		"E-mail": contact.AttributeEmail, "SMS": contact.AttributeSMS, "phone": contact.AttributeSMS, "Phone number": contact.AttributeSMS,
		"address": contact.AttributeAddress, "City": contact.AttributeTown, "town": contact.AttributeTown, "region": contact.AttributeRegion,
		"postcode": contact.AttributePostcode, "contactKey": contact.AttributeContactKey, "language code": contact.AttributeLanguageCode,
		"language": contact.AttributeLanguageCode, "time zone": contact.AttributeTimeZone, "externalCustomerId": contact.AttributeExternalID,
		"External ID": contact.AttributeExternalID,
	} {
		c := names.column(name)
		require.Equal(t, want, c.attribute, name)
		var p contact.Profile
		require.NoError(t, c.set(&p, "x"))
		set := 0
		for _, to := range []*string{
			p.FirstName, p.LastName, p.Email, p.Phone, p.Address,
			p.Town, p.Region, p.Postcode, p.ContactKey, p.LanguageCode, p.TimeZone, p.ExternalCustomerID,
		} {
			if to != nil {
				require.Equal(t, "x", *to)
				set++
			}
		}
		require.Equal(t, 1, set, name)
	}
	for name, want := range map[string]int64{
		"card": 1, "profile.CARD": 1, "розмір": 2, "a.b": 3, "x.a.b": 3, "b": 0, "card.x": 0, "": 0, "first name.x": 0,
	} {
		c := names.column(name)
		require.Equal(t, want, c.fieldID, name)
		require.Equal(t, want != 0, c.set != nil, name)
	}
	var p contact.Profile
	require.NoError(t, fieldColumn(1).set(&p, "a"))
	require.NoError(t, fieldColumn(2).set(&p, ""))
	require.Equal(t, map[int64]string{1: "a", 2: ""}, p.Fields)
	byID := newNaming(Task{ImportOptions: contact.ImportOptions{DedupeOn: contact.OnID}}, nil)
	for name := range map[string]int{"id": 1, "Contact ID": 1} {
		require.Nil(t, names.column(name).set, "ids are ours when contacts are recognised by them")
		c := byID.column(name)
		require.NoError(t, c.set(&p, ""))
		require.Nil(t, p.ID)
		require.NoError(t, c.set(&p, "7"))
		require.EqualValues(t, 7, *p.ID)
		require.Error(t, c.set(&p, "x"))
		p.ID = nil
	}
	renamed := newNaming(Task{Columns: map[string]string{"ID": "External id", "Kod": "CARD"}}, fields)
	require.Equal(t, contact.AttributeExternalID, renamed.column("id").attribute)
	require.EqualValues(t, 1, renamed.column(" kod ").fieldID)
}

func open(t *testing.T, text string, o contact.ImportOptions) *file {
	t.Helper()
	fields := []contact.Field{{ID: 1, Name: "Card"}, {ID: 2, Name: "Size"}}
	f, err := newFile(strings.NewReader(text), Task{ImportOptions: o}, fields, contact.Reader{})
	require.NoError(t, err)
	return f
}

// A file updates what it has columns for, unless the task says otherwise.
func TestTaskOfAFile(t *testing.T) {
	t.Parallel()
	got := open(t, "Email,Card,Hat,Size,id,Hat\n", contact.ImportOptions{FieldIDs: []int64{2}}).task
	require.Equal(t, []contact.Attribute{contact.AttributeEmail}, got.Attributes)
	require.Equal(t, []int64{2, 1}, got.FieldIDs)
	require.Equal(t, []string{"Hat", "id"}, got.Unknown)
	got = open(t, "Email,Hat\n", contact.ImportOptions{Attributes: []contact.Attribute{}}).task
	require.Empty(t, got.Attributes)
	got = open(t, "id\n", contact.ImportOptions{DedupeOn: contact.OnID}).task
	require.Equal(t, []contact.Attribute{}, got.Attributes, "no attribute is none, and not all")
	require.Empty(t, got.Unknown)
}

// What the columns are that nothing is known of is told, as far as it is bearable.
func TestUnknownColumns(t *testing.T) {
	t.Parallel()
	header := "Email, Hat\x00\x07 size ,\xff," + strings.Repeat("ї", 2*maxName)
	for n := range 2 * maxUnknown {
		header += ",c" + strconv.Itoa(n)
	}
	got := open(t, header+"\n", contact.ImportOptions{}).task.Unknown
	require.Equal(t, []string{"Hat   size", "\ufffd", strings.Repeat("ї", maxName), "c0"}, got[:4])
	require.Len(t, got, maxUnknown)
	_, err := newFile(strings.NewReader("Hat,b,c,d,e,f,g\n"), Task{}, nil, contact.Reader{})
	require.ErrorContains(t, err, `it has "Hat", "b", "c", "d", "e", 2 more`)
}

// Of several columns for the same, the first one that is not empty counts.
func TestColumnsForTheSame(t *testing.T) {
	t.Parallel()
	f := open(t, "Phone,SMS,phone number,card,x.Card\n1,,,a,b\n ,2,3,,b\n,,\n,,,a\n", contact.ImportOptions{})
	items, err := f.read(9)
	require.NoError(t, err)
	require.Equal(t, []contact.Attribute{contact.AttributeSMS}, f.task.Attributes)
	require.Equal(t, []int64{1}, f.task.FieldIDs)
	for n, want := range [][2]string{{"1", "a"}, {"2", "b"}, {"", "a"}} {
		require.Equal(t, want, [2]string{*items[n].Phone, items[n].Fields[1]})
	}
}

// Rows are read in portions.
func TestRowsOfAFile(t *testing.T) {
	t.Parallel()
	f := open(t, "Email,Card\na;1,x\n b ,\"y, \"\"z\"\"\"\n\nc\nd,1,2,3\n,\ne,5,,", contact.ImportOptions{})
	first, err := f.read(3)
	require.NoError(t, err)
	require.Len(t, first, 3)
	require.Equal(t, "b", *first[1].Email)
	require.Equal(t, `y, "z"`, first[1].Fields[1])
	require.Equal(t, "c", *first[2].Email)
	require.Empty(t, first[2].Fields[1])
	rest, err := f.read(3)
	require.NoError(t, err)
	require.Len(t, rest, 2)
	require.Equal(t, "row_broken", rest[0].Wrong.Code)
	require.Contains(t, rest[0].Wrong.Text, "line 6: it has more cells than there are columns")
	require.Equal(t, "e", *rest[1].Email)
	require.Equal(t, [][2]int{{2, 0}, {3, 1}, {5, 2}, {6, 3}, {8, 4}}, [][2]int{
		{first[0].Row, first[0].Index}, {first[1].Row, first[1].Index}, {first[2].Row, first[2].Index},
		{rest[0].Row, rest[0].Index}, {rest[1].Row, rest[1].Index},
	})
	none, err := f.read(3)
	require.NoError(t, err)
	require.Empty(t, none)
}

// A row that cannot be read is wrong alone.
func TestWrongRowsOfAFile(t *testing.T) {
	t.Parallel()
	f := open(t, "id,External ID,Hat\n1\nx\n2,\"a\nb\",\n3,\xff\n4,,\xff\n", contact.ImportOptions{DedupeOn: contact.OnID})
	items, err := f.read(9)
	require.NoError(t, err)
	require.Len(t, items, 5)
	for n, want := range map[int]string{1: "cell_invalid: id: ", 2: "cell_invalid: External ID: ", 3: "row_not_utf8: External ID: "} {
		require.True(t, strings.HasPrefix(items[n].Wrong.Code+": "+items[n].Wrong.Text, want), "%v", items[n].Wrong)
	}
	require.Nil(t, items[0].Wrong)
	require.Nil(t, items[4].Wrong, "a column that is passed over may be anything")
}

// torn is a text that breaks off with an error.
type torn struct{ text io.Reader }

var errTorn = errors.New("the line went dead")

func (f torn) Read(p []byte) (int, error) {
	n, err := f.text.Read(p)
	if errors.Is(err, io.EOF) {
		err = errTorn
	}
	return n, err
}

// A file that breaks off is not Invalid: it may be complete next time.
func TestFileThatBreaksOff(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Email", "Email\na@x.ua\nb@"} {
		f, err := newFile(torn{strings.NewReader(text)}, Task{}, nil, contact.Reader{})
		if err == nil {
			_, err = f.read(9)
		}
		require.ErrorIs(t, err, errTorn, "%q", text)
	}
}

// pile is a store of the parts of a file.
type pile struct {
	Store
	broken   string
	emptied  int
	parts    []int
	finished *Task
}

func (p *pile) says(call string) error {
	if p.broken == call {
		return errTorn
	}
	return nil
}

func (p *pile) EmptyImport(context.Context, Lease) error {
	p.emptied++
	return p.says("empty")
}

func (p *pile) AddImportPart(_ context.Context, _ Lease, piece Piece) error {
	p.parts = append(p.parts, piece.Number, strings.Count(string(piece.Contacts), "Email\":"))
	return p.says("add")
}

func (p *pile) FinishImportFile(_ context.Context, _ Lease, t Task) error {
	p.finished = &t
	return p.says("finish")
}

// noFields is a store without custom fields.
type noFields struct {
	contact.Store
	p *pile
}

func (n noFields) Fields(context.Context, int64) ([]contact.Field, error) {
	return nil, n.p.says("fields")
}

// oneFile returns the same file for every address.
type oneFile struct {
	io.Reader
	closed int
	// closing is the error with which it closes.
	closing error
}

func (*oneFile) Check(string) error { return nil }

func (f *oneFile) Open(_ context.Context, _ string, most int64) (io.ReadCloser, error) {
	if most != MaxFile {
		return nil, errors.New("another size than is promised")
	}
	return f, nil
}

func (f *oneFile) Close() error {
	f.closed++
	return f.closing
}

// A file is cut into parts, and always closed.
func TestFetch(t *testing.T) {
	t.Parallel()
	rows := "Email\n" + strings.Repeat("a@x.ua\n", partItems+2)
	for call, parts := range map[string][]int{
		"": {1, partItems, 2, 2}, "empty": nil, "fields": nil,
		"add": {1, partItems}, "finish": {1, partItems, 2, 2}, "close": {1, partItems, 2, 2},
	} {
		p, f := &pile{broken: call}, &oneFile{Reader: strings.NewReader(rows)}
		if call == "close" {
			f.closing = errTorn
		}
		s := New(Config{Store: p, Files: f, Contacts: contact.New(noFields{p: p}, nil)})
		task, err := s.fetch(t.Context(), Lease{}, workspace.Workspace{ID: 1}, Import{})
		if call == "" {
			require.NoError(t, err)
			require.Equal(t, task, *p.finished)
			require.Equal(t, []contact.Attribute{contact.AttributeEmail}, task.Attributes)
		} else {
			require.ErrorIs(t, err, errTorn, call)
		}
		require.Equal(t, parts, p.parts, call)
		require.Equal(t, 1, p.emptied)
		require.Equal(t, len(parts) > 0, f.closed == 1, call)
	}
}

// The greatest numbers and lengths in a task are accepted.
func TestGroupsOfATask(t *testing.T) {
	t.Parallel()
	names := make([]string, audience.MaxNamed+1)
	for i := range names {
		names[i] = " " + strings.Repeat("ї", message.MaxName)
	}
	require.NoError(t, checkGroups(names[1:], "groups"))
	require.True(t, fault.Is(checkGroups(names, "groups"), "too_many_groups"))
	names[2] += "x"
	require.ErrorContains(t, checkGroups(names[:3], "groups"), "groups[2]")
}
