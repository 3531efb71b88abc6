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

// A report has every contact that was created or updated, and the first hundred
// failures of each part, with their indexes among all contacts that were sent.
func TestReportOfAPart(t *testing.T) {
	t.Parallel()
	var profiles []contact.Profile
	var results []contact.ImportResult
	add := func(status contact.ImportStatus, id int64, f *fault.Error) {
		profiles = append(profiles, contact.Profile{Email: new(strconv.Itoa(len(profiles)))})
		results = append(results, contact.ImportResult{Status: status, ContactID: id, Fault: f})
	}
	add(contact.ImportCreated, 10, nil)
	add(contact.ImportUpdated, 11, nil)
	add(contact.ImportSkipped, 12, nil)
	wrong := fault.New(fault.Invalid, "email_invalid", "this is none").In("email")
	for range maxFailures + 1 {
		add(contact.ImportFailed, 0, wrong)
	}
	got := newReport(Task{ImportOptions: contact.ImportOptions{DedupeOn: contact.OnEmail}}, 3000, profiles, results)
	require.Equal(t, []Mapped{{"0", 10}, {"1", 11}}, got.Mapping)
	require.Len(t, got.Failures, maxFailures)
	require.Equal(t, Failure{3003, "3", "email_invalid", "email: this is none"}, got.Failures[0])
	require.Equal(t, 3102, got.Failures[99].Index)
	require.Equal(t, Count{Created: 1, Updated: 1, Skipped: 1, Failed: maxFailures + 1}, count(results))
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
	for name, want := range map[string]contact.Attribute{
		"firstName": contact.AttributeFirstName, " FIRST-name ": contact.AttributeFirstName, "last_name": contact.AttributeLastName,
		"E-mail": contact.AttributeEmail, "SMS": contact.AttributeSMS, "phone": contact.AttributeSMS, "Phone number": contact.AttributeSMS,
		"address": contact.AttributeAddress, "City": contact.AttributeTown, "town": contact.AttributeTown, "region": contact.AttributeRegion,
		"postcode": contact.AttributePostcode, "contactKey": contact.AttributeContactKey, "language code": contact.AttributeLanguageCode,
		"language": contact.AttributeLanguageCode, "time zone": contact.AttributeTimeZone, "externalCustomerId": contact.AttributeExternalID,
		"External ID": contact.AttributeExternalID,
	} {
		c := newColumn(name, fields)
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
		c := newColumn(name, fields)
		require.Equal(t, want, c.fieldID, name)
		require.Equal(t, want != 0, c.set != nil, name)
	}
	var p contact.Profile
	require.NoError(t, fieldColumn(1).set(&p, "a"))
	require.NoError(t, fieldColumn(2).set(&p, ""))
	require.Equal(t, map[int64]string{1: "a", 2: ""}, p.Fields)
	for name := range map[string]int{"id": 1, "Contact ID": 1} {
		c := newColumn(name, nil)
		require.NoError(t, c.set(&p, ""))
		require.Nil(t, p.ID)
		require.NoError(t, c.set(&p, "7"))
		require.EqualValues(t, 7, *p.ID)
		require.Error(t, c.set(&p, "x"))
		p.ID = nil
	}
}

func open(t *testing.T, text string) *file {
	t.Helper()
	f, err := newFile(strings.NewReader(text), []contact.Field{{ID: 1, Name: "Card"}, {ID: 2, Name: "Size"}})
	require.NoError(t, err)
	return f
}

// A file updates what it has columns for, unless the task says otherwise.
func TestTaskOfAFile(t *testing.T) {
	t.Parallel()
	f := open(t, "Email,Card,Hat,Size,id\n")
	got, err := f.task(Task{ImportOptions: contact.ImportOptions{FieldIDs: []int64{2}}})
	require.NoError(t, err)
	require.Equal(t, []contact.Attribute{contact.AttributeEmail}, got.Attributes)
	require.Equal(t, []int64{2, 1}, got.FieldIDs)
	got, err = f.task(Task{ImportOptions: contact.ImportOptions{Attributes: []contact.Attribute{}}})
	require.NoError(t, err)
	require.Empty(t, got.Attributes)
	got, err = open(t, "id\n").task(Task{})
	require.NoError(t, err)
	require.Equal(t, []contact.Attribute{}, got.Attributes, "no attribute is none, and not all")
	_, err = open(t, "Hat\n").task(Task{})
	require.True(t, fault.Is(err, "file_invalid"), err)
}

// Rows are read in portions, whatever separates the columns.
func TestRowsOfAFile(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Email,Card\na;1,x\n b ,\"y, \"\"z\"\"\"\nc\nd,1,2,3", "\ufeffEmail;Card\na;x\nb;y, \"z\"\nc\nd;1;2;3\n",
	} {
		f := open(t, text)
		first, err := f.read(3)
		require.NoError(t, err)
		require.Len(t, first, 3)
		require.Equal(t, "b", *first[1].Email)
		require.Equal(t, "c", *first[2].Email)
		require.Empty(t, first[2].Fields[1])
		rest, err := f.read(3)
		require.NoError(t, err)
		require.Len(t, rest, 1)
		require.Equal(t, "d", *rest[0].Email)
		none, err := f.read(3)
		require.NoError(t, err)
		require.Empty(t, none)
	}
	f := open(t, "Email;x,Card\na;b,c\n")
	require.Nil(t, f.columns[0].set, "with a comma, semicolons are of the names")
	f = open(t, "Email;Card\na;x,y\n")
	got, err := f.read(1)
	require.NoError(t, err)
	require.Equal(t, "x,y", got[0].Fields[1])
	f = open(t, "id\n1\n2\nx\n")
	_, err = f.read(9)
	require.ErrorContains(t, err, "row 4")
	f = open(t, "Email,Hat\na,\xff\n\xff,b\n")
	_, err = f.read(9)
	require.ErrorContains(t, err, "row 3 is not in UTF-8", "a column that is passed over may be anything")
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
		f, err := newFile(torn{strings.NewReader(text)}, nil)
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

func (p *pile) AddImportPart(_ context.Context, _ Lease, part int, contacts []byte) error {
	p.parts = append(p.parts, part, strings.Count(string(contacts), "Email\":"))
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

// A file is cut into parts of as many rows as a request may have, and always
// closed.
func TestFetch(t *testing.T) {
	t.Parallel()
	rows := "Email\n" + strings.Repeat("a@x.ua\n", contact.MaxImport+2)
	for call, parts := range map[string][]int{
		"": {1, contact.MaxImport, 2, 2}, "empty": nil, "fields": nil,
		"add": {1, contact.MaxImport}, "finish": {1, contact.MaxImport, 2, 2}, "close": {1, contact.MaxImport, 2, 2},
	} {
		p, f := &pile{broken: call}, &oneFile{Reader: strings.NewReader(rows)}
		if call == "close" {
			f.closing = errTorn
		}
		s := New(Config{Store: p, Files: f, Contacts: contact.New(noFields{p: p}, nil)})
		task, err := s.fetch(t.Context(), Lease{}, Import{})
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
