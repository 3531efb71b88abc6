package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellman/internal/contact"
	"bellman/internal/store"
	"bellman/internal/workspace"
)

const (
	importContacts = 300_000
	importBatch    = contact.MaxImport
	listedContacts = 1_000_000
	listedPages    = 300
	listedPage     = 100
)

// benchContacts imports people with names, an address and a custom field, 3000
// a call, first as new ones and then again; and reads pages of a million
// contacts at several depths.
func benchContacts(ctx context.Context, b *bench) (err error) {
	s, err := store.Open(ctx, b.address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	contacts := contact.New(s.Contacts, time.Now)
	field, err := contacts.CreateField(ctx, workspace.Default, contact.Field{Name: "Card", Type: contact.Text})
	if err != nil {
		return err
	}
	for _, round := range []struct {
		name string
		want contact.ImportStatus
	}{{"contacts: import of new ones", contact.ImportCreated}, {"contacts: import of known ones", contact.ImportUpdated}} {
		started := time.Now()
		for first := 0; first < importContacts; first += importBatch {
			if err := importSome(ctx, contacts, field.ID, first, round.want); err != nil {
				return err
			}
		}
		b.row(round.name, "%8.0f contacts/s (goal 10000)", importContacts/time.Since(started).Seconds())
	}
	if err := b.fillContacts(ctx, listedContacts-importContacts); err != nil {
		return err
	}
	for _, depth := range []int64{0, 50, 100} {
		took, err := readPages(ctx, contacts, listedContacts*depth/100)
		if err != nil {
			return err
		}
		b.row(fmt.Sprintf("contacts: page of %d at %d %%", listedPage, depth), "p50 %5.1f ms, p99 %5.1f ms (goal p99 20)",
			percentile(took, 50), percentile(took, 99))
	}
	return nil
}

var (
	firstNames = []string{"Олена", "Іван", "Марія", "Петро", "Anna", "John", "Ґалина", "Юрій", "Софія", "Max"}
	lastNames  = []string{"Коваль", "Шевченко", "Smith", "Бондар", "Ткаченко", "Мельник", "Їжак", "Лисенко"}
)

// importSome imports a batch and checks the results.
func importSome(ctx context.Context, contacts *contact.Service, fieldID int64, first int, want contact.ImportStatus) error {
	items := make([]contact.Profile, importBatch)
	for i := range items {
		n := first + i
		external, phone, email := fmt.Sprintf("customer-%d", n), fmt.Sprintf("+38050%07d", n), fmt.Sprintf("person%d@example.com", n)
		name, last, town := firstNames[n%len(firstNames)], lastNames[n%len(lastNames)], "Київ"
		items[i] = contact.Profile{
			ExternalCustomerID: &external, Phone: &phone, Email: &email, FirstName: &name, LastName: &last, Town: &town,
			LanguageCode: new("uk"), TimeZone: new("Europe/Kyiv"), Fields: map[int64]string{fieldID: fmt.Sprint(n)},
		}
	}
	results, err := contacts.Import(ctx, workspace.Workspace{ID: workspace.Default, PhoneRegion: "UA"}, items,
		contact.ImportOptions{DedupeOn: contact.OnEmail, FieldIDs: []int64{fieldID}})
	if err != nil {
		return err
	}
	for i, r := range results {
		if r.Status != want {
			return fmt.Errorf("item %d: %s, not %s: %w", first+i, r.Status, want, r.Fault)
		}
	}
	return nil
}

// fillContacts writes n more contacts straight into the tables.
func (b *bench) fillContacts(ctx context.Context, n int64) error {
	db, err := b.raw()
	if err != nil {
		return err
	}
	for _, statement := range []string{
		fmt.Sprintf(`INSERT INTO contacts (id, workspace_id, external_customer_id, first_name, first_key, created_at, updated_at)
			WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			SELECT i + %d, 1, 'old-' || CAST(i AS TEXT), 'Олена', 'олена', 1, 1 FROM n`, n, importContacts),
		`DELETE FROM identities`,
		identities,
		`DELETE FROM contact_blocks`,
		`INSERT INTO contact_blocks (workspace_id, block, living)
			SELECT workspace_id, id >> 10, COUNT(*) FROM contacts GROUP BY workspace_id, id >> 10`,
		`ANALYZE`,
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return errors.Join(fmt.Errorf("fill: %w", err), db.Close())
		}
	}
	return db.Close()
}

// readPages reads different pages around the depth, and returns how many
// milliseconds each took.
func readPages(ctx context.Context, contacts *contact.Service, depth int64) ([]float64, error) {
	took := make([]float64, listedPages)
	for i := range took {
		offset := min(depth+int64(i)*listedPage, listedContacts-listedPage*int64(i+1))
		started := time.Now()
		page, err := contacts.List(ctx, workspace.Workspace{ID: workspace.Default}, contact.Filter{},
			contact.Span{ByID: true, Offset: offset, Limit: listedPage})
		took[i] = time.Since(started).Seconds() * 1000
		if err != nil {
			return nil, err
		}
		if len(page.Contacts) != listedPage || page.Total != listedContacts {
			return nil, fmt.Errorf("page at %d: %d contacts of %d", offset, len(page.Contacts), page.Total)
		}
	}
	return took, nil
}
