package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/audience"
	"bellman/internal/campaign"
	"bellman/internal/contact"
	"bellman/internal/dispatch"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
)

// Values of numbers and dates are stored with what they are compared by, those of
// texts without, whatever they look like.
func TestNumbersAreStored(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		svc := contact.New(s.Contacts, now)
		fields := map[contact.Type]int64{}
		for _, kind := range []contact.Type{contact.Text, contact.Number, contact.Date, contact.Boolean} {
			f, err := svc.CreateField(t.Context(), 1, contact.Field{Name: string(kind), Type: kind})
			require.NoError(t, err)
			fields[kind] = f.ID
		}
		saved, err := svc.Save(t.Context(), 1, "", contact.Profile{Email: new("a@x.ua"), Fields: map[int64]string{
			fields[contact.Text]: "500", fields[contact.Number]: "499,5", fields[contact.Date]: "2026-03-01", fields[contact.Boolean]: "1",
		}})
		require.NoError(t, err)
		count := func(condition string, kind contact.Type) int64 {
			return store.CountForTest(t, s, fmt.Sprint(`SELECT COUNT(*) FROM contact_fields WHERE field_id = `, fields[kind], ` AND `, condition))
		}
		require.EqualValues(t, 1, count(`num > 499 AND num < 500`, contact.Number))
		require.EqualValues(t, 1, count(`num = 1772323200000`, contact.Date))
		require.EqualValues(t, 1, count(`num IS NULL`, contact.Text))
		require.EqualValues(t, 1, count(`num IS NULL`, contact.Boolean))

		id := saved.ID
		_, err = svc.Save(t.Context(), 1, "", contact.Profile{ID: &id, Fields: map[int64]string{fields[contact.Number]: "-7"}})
		require.NoError(t, err)
		require.EqualValues(t, 1, count(`num = -7`, contact.Number))
	})
}

// A database of an earlier program gets keys for its fields, and what its values are
// compared by: the same that a program computes.
func TestUpgradeFillsNumbers(t *testing.T) {
	t.Parallel()
	numbers := []string{"0", "-7", "12.5", "1234567890123456789012", "0.0000001"}
	dates := []string{"1970-01-01", "0000-01-01", "0000-02-29", "0000-03-01", "9999-12-31T23:59:59Z", "2026-03-01T15:04:05", "1969-12-31"}
	for year := 1896; year <= 2104; year++ {
		for _, day := range []string{"01-01", "02-28", "03-01", "12-31"} {
			dates = append(dates, fmt.Sprintf("%d-%s", year, day))
		}
		if first, err := time.Parse("2006-01-02", fmt.Sprintf("%d-02-29", year)); err == nil {
			dates = append(dates, first.Format("2006-01-02T15:04:05Z"))
		}
	}
	for month := 1; month <= 12; month++ {
		dates = append(dates, fmt.Sprintf("2025-%02d-15", month), fmt.Sprintf("2024-%02d-30T01:02:03", max(month, 3)))
	}
	storetest.EachAddress(t, func(t *testing.T, address string) {
		statements := []string{`INSERT INTO fields (id, workspace_id, name, name_key, type, created_at) VALUES
			(1, 1, 'Текст', 'текст', 'text', 1), (2, 1, 'Bonus', 'bonus', 'number', 1), (3, 1, 'Day', 'day', 'date', 1),
			(4, 1, 'bonus?', 'bonus?', 'boolean', 1)`}
		put := func(contactID int, field int, value string) {
			statements = append(statements, fmt.Sprintf(
				`INSERT INTO contact_fields (contact_id, field_id, value, value_key) VALUES (%d, %d, '%s', '')`, contactID, field, value))
		}
		want := map[string]float64{}
		for i, values := range [][]string{numbers, dates} {
			for j, value := range values {
				put(j, 2+i, value)
				want[value], _ = contact.Num(value)
			}
		}
		put(1, 1, "12.5")
		put(1, 4, "true")
		store.MigrateForTest(t, address, 23, statements...)
		db := storetest.Open(t, address)
		require.Equal(t, want, store.NumsForTest(t, db))
		fields, err := db.Contacts.Fields(t.Context(), 1)
		require.NoError(t, err)
		var keys []string
		for _, f := range fields {
			keys = append(keys, f.Key)
		}
		require.Equal(t, []string{"текст", "bonus", "day", "bonus_2"}, keys)
	})
}

// A claim brings the custom fields that it asks for, of those who are new and of those
// who are due again, and so does a step that is repeated; nobody else's and no others.
func TestClaimFields(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		w := newFielded(t, s, 4)
		claim := func(number int64, from, to int64, due int, fields ...int64) []dispatch.Recipient {
			got, err := s.Ledgers.Step(t.Context(), dispatch.Step{Owner: "p", Number: number, Now: start, Campaigns: []dispatch.CampaignStep{{
				CampaignID: w.campaignID, BotID: w.lease.BotID, Epoch: w.lease.Epoch, ClaimFrom: from, ClaimTo: to, ClaimDue: due,
				Deferrals: w.deferrals, Personal: true, Fields: fields,
			}}})
			require.NoError(t, err)
			return got[0].Recipients
		}
		valuesOf := func(of []dispatch.Recipient) map[int64]map[int64]string {
			all := map[int64]map[int64]string{}
			for _, r := range of {
				all[r.Seq] = map[int64]string{}
				for _, v := range r.Person.Fields {
					all[r.Seq][v.FieldID] = v.Value
				}
			}
			return all
		}
		city, bonus := w.fields[0], w.fields[1]
		first := claim(1, 0, 2, 0, city)
		want := map[int64]map[int64]string{1: {city: "city 1"}, 2: {}}
		require.Equal(t, want, valuesOf(first))
		require.Equal(t, want, valuesOf(claim(1, 0, 2, 0, city)), "the step is repeated")

		w.deferrals = []dispatch.Deferral{{Recipient: first[0], DueAt: start, Reason: "x"}}
		claim(2, 2, 2, 0)
		w.deferrals = nil
		want = map[int64]map[int64]string{1: {city: "city 1", bonus: "1"}, 3: {city: "city 3", bonus: "3"}}
		require.Equal(t, want, valuesOf(claim(3, 2, 3, 5, city, bonus)))
		require.Equal(t, want, valuesOf(claim(3, 2, 3, 5, city, bonus)), "the step is repeated")
		for _, r := range claim(4, 3, 4, 0) {
			require.Empty(t, r.Person.Fields, "nobody asked")
		}
	})
}

// A preflight counts who has no value, whether the bot knows most of the workspace's
// contacts or few of them.
func TestCountMissingFields(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.DB) {
		w := newFielded(t, s, 6)
		c, _, err := s.Campaigns.Find(t.Context(), 1, w.campaignID)
		require.NoError(t, err)
		store.ExecForTest(t, s, `UPDATE contacts SET first_name = 'Ann' WHERE external_customer_id = 'c1'`)
		city, bonus, name := campaign.Value{FieldID: w.fields[0]}, campaign.Value{FieldID: w.fields[1]}, campaign.Value{Name: "firstName"}
		check := func(a campaign.Audience, total int64, want map[campaign.Value]int64) {
			t.Helper()
			c.Audience = a
			reach, err := s.Campaigns.CountReach(t.Context(), c, start)
			require.NoError(t, err)
			require.Equal(t, total, reach.Laid())
			missing, err := s.Campaigns.CountMissing(t.Context(), c, []campaign.Value{city, bonus, name, {FieldID: 77}, {Name: "id"}})
			require.NoError(t, err)
			require.Equal(t, want, missing)
			missing, err = s.Campaigns.CountMissing(t.Context(), c, nil)
			require.NoError(t, err)
			require.Empty(t, missing)
		}
		group, err := audience.New(s.Groups, now).Create(t.Context(), 1, "g")
		require.NoError(t, err)
		_, err = audience.New(s.Groups, now).Attach(t.Context(), 1, group.ID, audience.Who{ContactIDs: w.contacts[:2]})
		require.NoError(t, err)
		for _, strangers := range []int{0, 100} {
			for i := range strangers {
				_, err := contact.New(s.Contacts, now).Save(t.Context(), 1, "", contact.Profile{ExternalCustomerID: new(fmt.Sprint("s", i))})
				require.NoError(t, err)
			}
			check(campaign.Audience{All: true}, 6, map[campaign.Value]int64{city: 3, bonus: 3, name: 5, {FieldID: 77}: 6})
			check(campaign.Audience{All: true, ExcludedGroups: []int64{group.ID}}, 4,
				map[campaign.Value]int64{city: 2, bonus: 2, name: 4, {FieldID: 77}: 4})
			check(campaign.Audience{Groups: []int64{group.ID}}, 2, map[campaign.Value]int64{city: 1, bonus: 1, name: 1, {FieldID: 77}: 2})
		}
	})
}

// fielded is a broadcast to few people.
type fielded struct {
	campaignID int64
	lease      dispatch.Lease
	// fields are "City" and "Bonus"; people with an odd chat have values in them.
	fields []int64
	// contacts are those of the chats, in their order.
	contacts  []int64
	deferrals []dispatch.Deferral
}

func newFielded(t *testing.T, s *store.DB, people int) *fielded {
	t.Helper()
	botID, contacts := connect(t, s, 5), contact.New(s.Contacts, now)
	w := &fielded{campaignID: broadcast(t, s, botID, people)}
	for _, name := range []string{"City", "Bonus"} {
		f, err := contacts.CreateField(t.Context(), 1, contact.Field{Name: name, Type: contact.Text})
		require.NoError(t, err)
		w.fields = append(w.fields, f.ID)
	}
	for chat := 1; chat <= people; chat += 2 {
		_, err := contacts.Save(t.Context(), 1, "", contact.Profile{ExternalCustomerID: new(fmt.Sprint("c", chat-1)),
			Fields: map[int64]string{w.fields[0]: fmt.Sprint("city ", chat), w.fields[1]: fmt.Sprint(chat)}})
		require.NoError(t, err)
	}
	for chat := range people {
		ids, err := contacts.Locate(t.Context(), 1, []contact.Identity{{ExternalCustomerID: fmt.Sprint("c", chat)}})
		require.NoError(t, err)
		w.contacts = append(w.contacts, ids[0])
	}
	w.lease = hold(t, s, "p")
	_, err := s.Ledgers.Adopt(t.Context(), botID, w.lease.Epoch, start)
	require.NoError(t, err)
	return w
}
