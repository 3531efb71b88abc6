package message_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/message/liquid"
)

// shopFields are the custom fields of a shop.
var shopFields = []message.Field{
	{ID: 1, Key: "city", Type: message.TextField, Name: "City"},
	{ID: 2, Key: "bonus", Type: message.NumberField, Name: "Bonus"},
	{ID: 3, Key: "birthday", Type: message.DateField, Name: "Birthday"},
	{ID: 4, Key: "vip", Type: message.BooleanField, Name: "VIP"},
	{ID: 5, Key: "loyalty_card", Type: message.TextField, Name: "Картка"},
	{ID: 6, Key: "місто", Type: message.TextField, Name: "Місто"},
	{ID: 7, Key: "field_size", Type: message.TextField, Name: "Size"},
}

// fieldStore has fields.
type fieldStore struct {
	fields []message.Field
	asked  int
	err    error
}

func (s *fieldStore) MessageFields(context.Context, int64) ([]message.Field, error) {
	s.asked++
	return s.fields, s.err
}

func TestFieldKey(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"City": "city", "Loyalty card": "loyalty_card", "Місто": "місто", "Ім'я дитини": "ім_я_дитини", " A--b_ c! ": "a_b_c",
		"2nd phone": "field_2nd_phone", "Size": "field_size", "first": "field_first", "firstName": "firstname", "!?": "", "": "",
		"й": "й", "Field 161733": "field_161733", "Straße": "straße",
	} {
		require.Equal(t, want, message.FieldKey(name), name)
	}
}

// Whatever a field is called, its key is a name in Liquid, and is its own key.
func TestFieldKeysCanBeWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := message.FieldKey(rapid.String().Draw(t, "name"))
		require.Equal(t, key, message.FieldKey(key))
		if key != "" {
			require.True(t, liquid.IsProperty(key), key)
			require.NoError(t, message.Text("{{ contact.fields."+key+" }}").Check())
		}
	})
}

func TestComposeFields(t *testing.T) {
	t.Parallel()
	ann := &message.Person{ContactID: 7, TimeZone: "America/New_York", Fields: []message.FieldValue{
		{FieldID: 3, Value: "1990-03-01"}, {FieldID: 2, Value: "12.5"}, {FieldID: 1, Value: "<Kyiv>"}, {FieldID: 4, Value: "true"},
		{FieldID: 5, Value: "K-1"}, {FieldID: 6, Value: "Львів"}, {FieldID: 7, Value: "XL"}, {FieldID: 99, Value: "of no use"},
	}}
	bob := &message.Person{ContactID: 8, Fields: []message.FieldValue{
		{FieldID: 2, Value: "1234567890123456789012"}, {FieldID: 4, Value: "false"},
	}}
	for text, want := range map[string][2]string{
		"{{ contact.fields.city }}.":                                             {"&lt;Kyiv&gt;.", "."},
		"{{ contact.fields.city | default: 'your city' }}":                       {"&lt;Kyiv&gt;", "your city"},
		"{{ contact.fields.bonus | plus: 1 | round }}":                           {"14", "1234567890123456800000"},
		"{{ contact.fields.bonus }}":                                             {"12.5", "1234567890123456789012"},
		"{{ contact.fields.bonus | decimals: 2 }}":                               {"12.50", "1234567890123456774144.00"},
		"{% if contact.fields.bonus > 12 %}rich{% else %}poor{% endif %}":        {"rich", "rich"},
		"{{ contact.fields.birthday | date: '%d.%m.%Y', contact.timeZone }}.":    {"01.03.1990.", "."},
		"{% if contact.fields.vip %}vip{% else %}no{% endif %}":                  {"vip", "no"},
		"{{ contact.fields['Loyalty card'] }}{{ contact.fields.loyalty_card }}.": {"K-1K-1.", "."},
		"{{ contact.fields['Місто'] }}{{ contact.fields.місто }}.":               {"ЛьвівЛьвів.", "."},
		"{{ contact.fields['size'] }}{{ contact.fields.Size }}.":                 {"XLXL.", "."},
		"{% assign c = contact.fields.city %}{{ c | downcase }}.":                {"&lt;kyiv&gt;.", "."},
	} {
		content := message.Text(text)
		content.Fields = shopFields
		for i, person := range []*message.Person{ann, bob} {
			call, err := compose(t, content, message.Recipient{ChatID: 5, Person: person})
			require.NoError(t, err, text)
			require.Equal(t, want[i], body(t, call)["text"], text)
		}
	}
}

// A template knows the fields that it needs: those that content was frozen with.
func TestTemplateFields(t *testing.T) {
	t.Parallel()
	content := message.Content{
		Version: message.Version{Text: "{{ contact.fields.vip }}{{ contact.fields['VIP'] }}", Buttons: [][]message.Button{
			{{Text: "x", URL: "https://shop.example/{{ contact.fields.city | default: 'kyiv' }}"}},
		}},
		Translations: map[string]message.Version{"uk": {Text: "{{ contact.fields.bonus }} {{ contact.fields.gone }}"}},
		Fields:       shopFields[:4],
	}
	stored, err := content.Encode()
	require.NoError(t, err)
	content, err = message.Decode(stored)
	require.NoError(t, err)
	template, err := message.Compile(content)
	require.NoError(t, err)
	require.True(t, template.Personal())
	require.Equal(t, []int64{1, 2, 4}, template.Fields())
	require.Equal(t, []string{"contact.fields.bonus", "contact.fields.gone", "contact.fields.vip"}, template.Required())
	for variable, want := range map[string]int64{
		"contact.fields.vip": 4, "contact.fields.gone": 0, "contact.id": 0, "contact.fields": 0, "data.fields.vip": 0, "contact.fields.": 0,
	} {
		f, found := template.Field(variable)
		require.Equal(t, want, f.ID, variable)
		require.Equal(t, want != 0, found, variable)
	}
	plain, err := message.Text("x").Encode()
	require.NoError(t, err)
	require.JSONEq(t, `{"text":"x"}`, plain)
}

// A custom field that the workspace does not have is a fault, with the place and the
// one that was likely meant; and so it is when the field is deleted later.
func TestFieldFaults(t *testing.T) {
	t.Parallel()
	fields := &fieldStore{fields: shopFields}
	store := &fakeStore{}
	s := message.New(store, nil, time.Now).WithFields(fields)
	for text, want := range map[string]string{
		"a\n{{ contact.fields.sity }}": "line 2, column 4: there is no custom field sity; did you mean contact.fields.city?",
		"{% if contact.fields['Q q'] %}{% endif %}x": "line 1, column 7: there is no custom field Q q; " +
			"GET /manage/v1/messages/variables lists those that there are",
		"{{ contact.fields['?!'] }}": "there is no custom field ?!",
	} {
		_, err := s.Create(t.Context(), 1, "m", message.Text(text))
		require.True(t, fault.Is(err, "liquid_variable_unknown"), err)
		require.ErrorContains(t, err, want)
		faults, err := s.Faults(t.Context(), 1, message.Text(text))
		require.NoError(t, err)
		require.Len(t, faults, 1)
		require.Equal(t, "text", faults[0].Field)
		_, err = message.New(store, nil, time.Now).Create(t.Context(), 1, "m", message.Text(text))
		require.True(t, fault.Is(err, "liquid_variable_unknown"), "%v: without custom fields there are none", err)
	}
	m, err := s.Create(t.Context(), 1, "m", message.Text("{{ contact.fields.vip }}{{ contact.fields.City }}{{ contact.fields.city }}"))
	require.NoError(t, err)
	require.Empty(t, m.Content.Fields, "what is kept is written anew at each launch")
	m, err = s.Checked(t.Context(), 1, m.ID)
	require.NoError(t, err)
	require.Equal(t, []message.Field{shopFields[0], shopFields[3]}, m.Content.Fields)

	fields.fields = shopFields[1:]
	_, err = s.Checked(t.Context(), 1, m.ID)
	require.True(t, fault.Is(err, "liquid_variable_unknown"), err)
	fields.err = errors.New("the database is away")
	_, err = s.Checked(t.Context(), 1, m.ID)
	require.ErrorIs(t, err, fields.err)
	_, err = s.Create(t.Context(), 1, "m", m.Content)
	require.ErrorIs(t, err, fields.err)
	_, err = s.Faults(t.Context(), 1, m.Content)
	require.ErrorIs(t, err, fields.err)

	fields.asked = 0
	_, err = s.Create(t.Context(), 1, "m", message.Text("{{ contact.firstName }}"))
	require.NoError(t, err)
	require.Zero(t, fields.asked, "content that speaks of none asks for none")
}

func TestPreviewFields(t *testing.T) {
	t.Parallel()
	s := message.New(&fakeStore{}, nil, time.Now).WithFields(&fieldStore{fields: shopFields})
	m, err := s.Create(t.Context(), 1, "m", message.Text("{{ contact.fields.city }} {{ contact.fields.bonus }} {{ contact.fields['Місто'] }}"))
	require.NoError(t, err)
	shown, err := s.Preview(t.Context(), 1, m.ID, message.Person{Fields: []message.FieldValue{{FieldID: 2, Value: "7"}}})
	require.NoError(t, err)
	require.Equal(t, []string{"contact.fields.city", "contact.fields.місто"}, shown.Missing)
	require.Contains(t, string(shown.Parameters), `" 7 "`)
}

func TestVariables(t *testing.T) {
	t.Parallel()
	fields := &fieldStore{fields: shopFields[:2]}
	s := message.New(&fakeStore{}, nil, time.Now)
	bare, err := s.Variables(t.Context(), 1)
	require.NoError(t, err)
	all, err := s.WithFields(fields).Variables(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, append(bare,
		message.Variable{Name: "contact.fields.city", Type: message.TextField, Field: "City", FieldID: shopFields[0].ID},
		message.Variable{Name: "contact.fields.bonus", Type: message.NumberField, Field: "Bonus", FieldID: shopFields[1].ID}), all)
	require.Equal(t, message.Variable{Name: "contact.id", Type: message.NumberField}, all[0])
	for _, v := range all {
		_, err := s.Create(t.Context(), 1, "m", message.Text("{{ "+v.Name+" }}"))
		require.NoError(t, err, v.Name)
	}
	fields.err = errors.New("the database is away")
	_, err = s.Variables(t.Context(), 1)
	require.ErrorIs(t, err, fields.err)
}
