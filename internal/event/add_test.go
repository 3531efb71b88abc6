package event_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/contact"
	"bellman/internal/event"
	"bellman/internal/fault"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func now() time.Time { return start }

// params makes parameters from names and JSON values in turn.
func params(pairs ...string) []event.Param {
	var all []event.Param
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, event.Param{Name: pairs[i], Value: json.RawMessage(pairs[i+1])})
	}
	return all
}

// save stores a contact and returns its id.
func save(t *testing.T, s *store.DB, at time.Time, externalID, phone, email string) int64 {
	t.Helper()
	sent := func(text string) *string {
		if text == "" {
			return nil
		}
		return &text
	}
	c, err := contact.New(s.Contacts, func() time.Time { return at }).Save(t.Context(), 1, "UA",
		contact.Profile{ExternalCustomerID: sent(externalID), Phone: sent(phone), Email: sent(email)})
	require.NoError(t, err)
	return c.ID
}

// spec: event-size event-names
func TestRefusedItems(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, storetest.SQLite(t))
	events := event.New(s.Events, now)
	big := fmt.Sprintf("%q", strings.Repeat("x", event.MaxParams))
	for name, tt := range map[string]struct {
		item        event.Item
		code, field string
	}{
		"no type":         {event.Item{Key: "k"}, "event_type_missing", "eventTypeKey"},
		"long type":       {event.Item{Type: strings.Repeat("ї", event.MaxType+1), Key: "k"}, "event_type_invalid", "eventTypeKey"},
		"control in type": {event.Item{Type: "a\nb", Key: "k"}, "event_type_invalid", "eventTypeKey"},
		"broken type":     {event.Item{Type: "a\xff", Key: "k"}, "event_type_invalid", "eventTypeKey"},
		"no key":          {event.Item{Type: "t"}, "event_key_missing", "keyValue"},
		"v1 wants the key itself": {event.Item{Type: "t", KeyRequired: true, Params: params("email", `"a@b.example"`)},
			"event_key_missing", "keyValue"},
		"a key that names nobody":    {event.Item{Type: "t", Params: params("email", `{"a":1}`)}, "event_key_missing", "keyValue"},
		"long key":                   {event.Item{Type: "t", Key: strings.Repeat("k", event.MaxKey+1)}, "event_key_invalid", "keyValue"},
		"forbidden in a param's key": {event.Item{Type: "t", Params: params("externalCustomerId", `"a|b"`)}, "event_key_invalid", "keyValue"},
		"param without a name":       {event.Item{Type: "t", Key: "k", Params: params("", `1`)}, "param_name_invalid", "params[0].name"},
		"param with a long name": {event.Item{Type: "t", Key: "k", Params: params("a", `1`, strings.Repeat("n", event.MaxParamName+1), `1`)},
			"param_name_invalid", "params[1].name"},
		"param twice": {event.Item{Type: "t", Key: "k", Params: params("a", `1`, "b", `1`, "a", `2`)},
			"param_name_twice", "params[2].name"},
		"value that is not JSON": {event.Item{Type: "t", Key: "k", Params: params("a", `{`)}, "param_value_invalid", "params[0].value"},
		"too much":               {event.Item{Type: "t", Key: "k", Params: params("a", big)}, "params_too_large", "params"},
		"the future":             {event.Item{Type: "t", Key: "k", OccurredAt: start.Add(25 * time.Hour)}, "occurred_invalid", "occurred"},
		"before time":            {event.Item{Type: "t", Key: "k", OccurredAt: time.Unix(0, 0)}, "occurred_invalid", "occurred"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// A refused event does not affect the others.
			got, err := events.Add(t.Context(), 1, "", []event.Item{tt.item, {Type: "good", Key: "k"}})
			require.NoError(t, err)
			var f *fault.Error
			require.ErrorAs(t, got[0].Err, &f)
			require.Equal(t, []any{fault.Invalid, tt.code, tt.field}, []any{f.Kind, f.Code, f.Field})
			require.Zero(t, got[0].ID)
			require.NoError(t, got[1].Err)
			require.NotZero(t, got[1].ID)
		})
	}
	for _, r := range "<;'’\\/|\"`^?!,>" {
		got, err := events.Add(t.Context(), 1, "", []event.Item{{Type: "a" + string(r), Key: "k"}, {Type: "t", Key: string(r) + "k"}})
		require.NoError(t, err)
		require.True(t, fault.Is(got[0].Err, "event_type_invalid"), string(r))
		require.True(t, fault.Is(got[1].Err, "event_key_invalid"), string(r))
	}
	_, err := events.Add(t.Context(), 1, "", make([]event.Item, event.MaxItems+1))
	require.True(t, fault.Is(err, "too_many_events"))
	got, err := events.Add(t.Context(), 1, "", nil)
	require.NoError(t, err)
	require.Empty(t, got)
}

// spec: event-key
func TestBinding(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		olena := save(t, s, start, "C-1", "+380501112233", "olena@example.com")
		petro := save(t, s, start, "5550001111", "", "petro@example.com")
		family := save(t, s, start, "C-3", "+380671112233", "")
		latest := save(t, s, start.Add(time.Second), "C-4", "+380671112233", "")
		require.NotEqual(t, family, latest)
		events := event.New(s.Events, now)
		for name, tt := range map[string]struct {
			item event.Item
			key  string
			want int64
		}{
			"contactId first": {event.Item{Params: params("email", `"petro@example.com"`, "contactId", fmt.Sprint(olena))},
				fmt.Sprint(olena), olena},
			"contactId in quotes": {event.Item{Params: params("contactId", fmt.Sprintf("%q", fmt.Sprint(olena)))},
				fmt.Sprint(olena), olena},
			"externalCustomerId before email": {event.Item{Params: params("email", `"petro@example.com"`, "externalCustomerId", `"C-1"`)},
				"C-1", olena},
			"an unknown one gives way": {event.Item{Params: params("contactId", `77777`, "email", `"PETRO@example.com"`)},
				"77777", petro},
			"phone in the region":                    {event.Item{Params: params("phone", `"050 111 22 33"`)}, "050 111 22 33", olena},
			"phone without plus":                     {event.Item{Params: params("phone", `380501112233`)}, "380501112233", olena},
			"a shared phone is who was updated last": {event.Item{Params: params("phone", `"+380671112233"`)}, "+380671112233", latest},
			"key as email":                           {event.Item{Key: "Olena@Example.com"}, "Olena@Example.com", olena},
			"key as externalCustomerId":              {event.Item{Key: "C-3"}, "C-3", family},
			"key as externalCustomerId before phone": {event.Item{Key: "5550001111"}, "5550001111", petro},
			"key as phone":                           {event.Item{Key: "+380501112233"}, "+380501112233", olena},
			"key as contact id":                      {event.Item{Key: fmt.Sprint(petro)}, fmt.Sprint(petro), petro},
			"parameters before the key":              {event.Item{Key: "C-1", Params: params("email", `"petro@example.com"`)}, "C-1", petro},
			"key when parameters name nobody":        {event.Item{Key: "C-1", Params: params("email", `"nobody@example.com"`)}, "C-1", olena},
			"who tells knows":                        {event.Item{Key: "C-1", ContactID: petro}, "C-1", petro},
			"a phone within other words is none":     {event.Item{Key: "order-380501112233"}, "order-380501112233", 0},
			"nobody":                                 {event.Item{Key: "nobody"}, "nobody", 0},
			"nobody by a push token":                 {event.Item{Params: params("pushToken", `"abc"`)}, "abc", 0},
		} {
			t.Run(name, func(t *testing.T) {
				tt.item.Type = "t"
				got, err := events.Add(t.Context(), 1, "UA", []event.Item{tt.item})
				require.NoError(t, err)
				require.NoError(t, got[0].Err)
				require.Equal(t, tt.want, got[0].ContactID)
				e, err := events.Get(t.Context(), 1, got[0].ID)
				require.NoError(t, err)
				require.Equal(t, tt.want, e.ContactID)
				require.Equal(t, tt.key, e.Key)
			})
		}
	})
}

func TestBindingToDevicesAndDeletedContacts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		contacts, events := contact.New(s.Contacts, now), event.New(s.Events, now)
		external := "C-1"
		who, err := contacts.Save(t.Context(), 1, "", contact.Profile{ExternalCustomerID: &external,
			Devices: []contact.Device{{Type: contact.WebPush, Token: "https://push.example/1"}}})
		require.NoError(t, err)
		reported := func(item event.Item) event.Result {
			t.Helper()
			item.Type = "t"
			got, err := events.Add(t.Context(), 1, "", []event.Item{item})
			require.NoError(t, err)
			require.NoError(t, got[0].Err)
			return got[0]
		}
		byDevice := event.Item{Key: "k", Params: params("pushToken", `"https://push.example/1"`)}
		require.Equal(t, who.ID, reported(byDevice).ContactID)
		require.Equal(t, who.ID, reported(event.Item{Key: "C-1"}).ContactID)
		require.NoError(t, contacts.Delete(t.Context(), 1, who.ID, false))
		for _, item := range []event.Item{byDevice, {Key: "C-1"}, {Key: "k", ContactID: who.ID}} {
			require.Zero(t, reported(item).ContactID)
		}
	})
}

func TestEventsAreKeptAsTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		who := save(t, s, start, "C-1", "", "")
		events := event.New(s.Events, now)
		history := start.Add(-48 * time.Hour)
		got, err := events.Add(t.Context(), 1, "", []event.Item{
			{Type: "Купівля", Key: "C-1", Params: params("b", ` {"z": 1.50, "a": [ null ]} `, "a", `"\u0000 \" ї"`, "n", ``)},
			{Type: "viewed", Key: "somebody", Past: true, OccurredAt: history},
			{Type: "viewed", Key: "C-1"},
		})
		require.NoError(t, err)
		first, err := events.Get(t.Context(), 1, got[0].ID)
		require.NoError(t, err)
		require.Equal(t, event.Event{ID: got[0].ID, WorkspaceID: 1, Type: "Купівля", ContactID: who, Key: "C-1",
			Params: json.RawMessage(`{"b":{"z":1.50,"a":[null]},"a":"\u0000 \" ї","n":null}`), OccurredAt: start, CreatedAt: start}, first)
		past, err := events.Get(t.Context(), 1, got[1].ID)
		require.NoError(t, err)
		require.True(t, past.Past)
		require.Equal(t, history, past.OccurredAt)
		_, err = events.Get(t.Context(), 2, got[0].ID)
		require.ErrorIs(t, err, event.ErrNotFound)

		ids := func(f event.Filter) (ids []int64) {
			t.Helper()
			if f.Before == 0 {
				f.Before = 1 << 53
			}
			if f.Limit == 0 {
				f.Limit = 10
			}
			all, err := events.List(t.Context(), 1, f)
			require.NoError(t, err)
			for _, e := range all {
				ids = append(ids, e.ID)
			}
			return ids
		}
		a, b, c := got[0].ID, got[1].ID, got[2].ID
		require.Equal(t, []int64{c, b, a}, ids(event.Filter{}))
		require.Equal(t, []int64{c}, ids(event.Filter{Limit: 1}))
		require.Equal(t, []int64{b, a}, ids(event.Filter{Before: c}))
		require.Equal(t, []int64{c, b}, ids(event.Filter{Type: "viewed"}))
		require.Equal(t, []int64{c, a}, ids(event.Filter{ContactID: who}))
		require.Equal(t, []int64{c}, ids(event.Filter{ContactID: who, Type: "viewed"}))
		require.Empty(t, ids(event.Filter{Type: "unheard of"}))
		require.Empty(t, ids(event.Filter{Type: "\x00\xff"}))

		types, err := events.Types(t.Context(), 1, 0, 10)
		require.NoError(t, err)
		require.Len(t, types, 2)
		more, err := events.Types(t.Context(), 1, types[0].ID, 10)
		require.NoError(t, err)
		require.Equal(t, types[1:], more)
	})
}

func TestDeletePast(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		events := event.New(s.Events, now)
		var items []event.Item
		for day := range 10 {
			for _, kind := range []string{"bought", "viewed"} {
				items = append(items, event.Item{Type: kind, Key: "k", Past: true, OccurredAt: start.AddDate(0, 0, -day)})
			}
		}
		items = append(items, event.Item{Type: "bought", Key: "k"})
		_, err := events.Add(t.Context(), 1, "", items)
		require.NoError(t, err)
		for _, tt := range []struct {
			r    event.Range
			want int
		}{
			{event.Range{Type: "unheard of"}, 0},
			{event.Range{Type: "\x00"}, 0},
			{event.Range{Type: "viewed", From: start.AddDate(0, 0, -3), To: start.AddDate(0, 0, -1)}, 2},
			{event.Range{From: start}, 2},
			{event.Range{To: start.AddDate(0, 0, -8)}, 2},
			{event.Range{Type: "viewed"}, 6},
			{event.Range{}, 8},
			{event.Range{}, 0},
		} {
			n, err := events.DeletePast(t.Context(), 1, tt.r)
			require.NoError(t, err)
			require.Equal(t, tt.want, n, tt.r)
		}
		left, err := events.List(t.Context(), 1, event.Filter{Before: 1 << 53, Limit: 50})
		require.NoError(t, err)
		require.Len(t, left, 1, "what has just happened stays")
	})
}

// Sixteen calls that are the first to report the same types create each type once.
func TestNewTypesAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		events := event.New(s.Events, now)
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				var items []event.Item
				for n := range 20 {
					items = append(items, event.Item{Type: fmt.Sprint("t", (n*7+i)%20), Key: "k"})
				}
				got, err := events.Add(t.Context(), 1, "", items)
				if err != nil || len(got) != 20 {
					t.Errorf("%d results, %v", len(got), err)
				}
			})
		}
		wg.Wait()
		types, err := events.Types(t.Context(), 1, 0, 100)
		require.NoError(t, err)
		require.Len(t, types, 20)
		all, err := events.List(t.Context(), 1, event.Filter{Before: 1 << 53, Limit: 500})
		require.NoError(t, err)
		require.Len(t, all, 320)
	})
}

// Whatever parameters somebody sends: they are refused, or kept as valid JSON
// with each value as it was.
func FuzzParams(f *testing.F) {
	for _, seed := range []string{
		`[{"name":"a","value":1}]`, `[{"name":"email","value":"a@b.example"},{"name":"email"}]`,
		`[{"name":"x","value":{"a":[1e400,null,"\ud800"]}}]`,
		`[{"name":"phone","value":"+1"},{"name":"contactId","value":9223372036854775808}]`,
		`[{"name":"\u0000"}]`, `[{"name":"\"<&\u2028","value":"<&>"}]`,
	} {
		f.Add([]byte(seed), "t", "k")
	}
	f.Fuzz(func(t *testing.T, raw []byte, kind, key string) {
		var sent []event.Param
		if json.Unmarshal(raw, &sent) != nil {
			return
		}
		kept := &memory{}
		got, err := event.New(kept, now).Add(t.Context(), 1, "UA", []event.Item{{Type: kind, Key: key, Params: sent}})
		require.NoError(t, err)
		require.Len(t, got, 1)
		if got[0].Err != nil {
			require.Equal(t, fault.Invalid, fault.KindOf(got[0].Err))
			require.Empty(t, kept.events)
			return
		}
		e := kept.events[0]
		require.LessOrEqual(t, len(e.Params), event.MaxParams)
		require.NotEmpty(t, e.Key)
		var members map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(e.Params, &members))
		require.Len(t, members, len(sent))
		for _, p := range sent {
			if len(p.Value) == 0 {
				p.Value = json.RawMessage("null")
			}
			var compact bytes.Buffer
			require.NoError(t, json.Compact(&compact, p.Value))
			require.Equal(t, compact.String(), string(members[p.Name]))
		}
	})
}
