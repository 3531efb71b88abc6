package contact

import (
	"context"
	"slices"
	"time"
)

// ghostIDs is below the ids of people who do not exist: they are younger than all who do.
const ghostIDs = 1 << 62

// maxRemembered is how many people a rehearsal remembers, in some fifty megabytes at most.
const maxRemembered = 200_000

// Rehearsal is a store for imports that are not carried out. It remembers by what the people
// are recognised whom the imports so far would have made or changed, so that those that
// follow are decided as if these had been written. It is for one goroutine.
type Rehearsal struct {
	Store
	fieldID int64
	devices bool
	ghosts  []ghost
	// by holds the ghosts by what they are recognised by; some are so no more. changed holds
	// those of people who exist, by their ids.
	by      map[mention][]int32
	changed map[int64]int32
	full    bool
}

// A ghost is a person as an import would have left them.
type ghost struct {
	Identity
	// of is the person as they would be; nil for one who does not exist, of whom nothing is
	// kept but the marks.
	of      *Contact
	updated time.Time
	field   string
	devices []Device
}

// A mention is a value by which people are recognised, of a kind.
type mention struct {
	by    Attribute
	value string
}

// NewRehearsal returns a rehearsal over a store whose decisions are not written. All imports
// of it have the options.
func NewRehearsal(s Store, o ImportOptions) *Rehearsal {
	return &Rehearsal{
		Store: s, fieldID: importer{ImportOptions: o}.fieldID(),
		devices: slices.Contains([]DedupeOn{OnPush, OnMobilePush, OnWebPush}, o.DedupeOn),
		by:      map[mention][]int32{}, changed: map[int64]int32{},
	}
}

// Full reports whether there were more people than are remembered. Those that follow are
// decided without them.
func (r *Rehearsal) Full() bool { return r.full }

// Decide implements [Store]: it decides, and writes nothing.
func (r *Rehearsal) Decide(ctx context.Context, look Lookup, now time.Time, decide func(Snapshot) (Plan, error)) error {
	var (
		plan Plan
		was  map[*Contact]Contact
	)
	look = r.widen(look)
	err := r.Store.Decide(ctx, look, now, func(snap Snapshot) (p Plan, err error) {
		r.appear(look, &snap)
		was = make(map[*Contact]Contact, len(snap.Contacts))
		for i := range snap.Contacts {
			was[&snap.Contacts[i]] = snap.Contacts[i]
		}
		plan, err = decide(snap)
		return plan, err
	})
	if err != nil {
		return err
	}
	for _, c := range plan.Create {
		r.remember(c, nil)
	}
	for _, c := range plan.Update {
		if before := was[c]; c.ID >= ghostIDs || c.Identity != before.Identity || c.living() != before.living() ||
			c.Fields[r.fieldID] != before.Fields[r.fieldID] || r.devices && !slices.Equal(c.Devices, before.Devices) {
			r.remember(c, &before)
		}
	}
	return nil
}

// widen returns a lookup that names the phones and emails, too, of people whom it leads to
// and who would have others by now than the store knows.
func (r *Rehearsal) widen(look Lookup) Lookup {
	if !look.Sharers {
		return look
	}
	for _, m := range mentions(look) {
		for _, n := range r.by[m] {
			if g := r.ghosts[n]; g.Phone != "" {
				look.Phones = append(look.Phones, g.Phone)
			}
			if g := r.ghosts[n]; g.Email != "" {
				look.EmailKeys = append(look.EmailKeys, EmailKey(g.Email))
			}
		}
	}
	return look
}

// appear makes the snapshot what it would be if the imports so far had been written.
func (r *Rehearsal) appear(look Lookup, snap *Snapshot) {
	for i := range snap.Contacts {
		if n, ok := r.changed[snap.Contacts[i].ID]; ok {
			snap.Contacts[i] = *r.ghosts[n].of
		}
	}
	seen := map[int32]bool{}
	for _, c := range snap.Contacts {
		if n, ok := r.changed[c.ID]; ok {
			seen[n] = true
		}
	}
	for _, m := range slices.Concat(mentions(look), mentions(sharedWith(look, snap.Contacts))) {
		for _, n := range r.by[m] {
			if !seen[n] && r.ghosts[n].has(m) {
				seen[n] = true
				snap.Contacts = append(snap.Contacts, r.person(n))
			}
		}
	}
}

// sharedWith returns a lookup of those who hold a phone or email of the contacts, as far as
// the lookup that found them wants that.
func sharedWith(look Lookup, found []Contact) (more Lookup) {
	for _, c := range found {
		if look.Sharers || !c.living() {
			more.Phones, more.EmailKeys = append(more.Phones, c.Phone), append(more.EmailKeys, EmailKey(c.Email))
		}
	}
	return more
}

// mentions returns by what the lookup names people.
func mentions(look Lookup) (all []mention) {
	for _, of := range []struct {
		by     Attribute
		values []string
	}{
		{AttributeExternalID, look.ExternalIDs}, {AttributeSMS, look.Phones}, {AttributeEmail, look.EmailKeys},
		{markField, look.FieldKeys}, {AttributeMobilePush, look.DeviceKeys},
	} {
		for _, value := range of.values {
			all = append(all, mention{of.by, value})
		}
	}
	return all
}

// person returns a ghost as a contact. One who does not exist has an id above [ghostIDs].
func (r *Rehearsal) person(n int32) Contact {
	g := r.ghosts[n]
	if g.of != nil {
		return *g.of
	}
	c := Contact{ID: ghostIDs + int64(n), Identity: g.Identity, CreatedAt: g.updated, UpdatedAt: g.updated, Devices: g.devices}
	if g.field != "" {
		c.Fields = map[int64]string{r.fieldID: g.field}
	}
	return c
}

// ghostOf returns what is remembered of a contact.
func (r *Rehearsal) ghostOf(c *Contact) ghost {
	g := ghost{Identity: c.Identity, updated: c.UpdatedAt, field: c.Fields[r.fieldID]}
	if r.devices {
		g.devices = c.Devices
	}
	return g
}

// remember keeps a contact as it would be written, which was another one before; nil for a
// new one. It is found by what it was, too.
func (r *Rehearsal) remember(c, before *Contact) {
	g := r.ghostOf(c)
	exists := c.ID > 0 && c.ID < ghostIDs
	if exists {
		whole := *c
		g.of = &whole
	}
	n, known := r.changed[c.ID]
	switch {
	case c.ID >= ghostIDs:
		n = int32(c.ID - ghostIDs)
	case (!known || !exists) && len(r.ghosts) == maxRemembered:
		r.full = true
		return
	case !known || !exists:
		n = int32(len(r.ghosts))
		r.ghosts = append(r.ghosts, ghost{})
	}
	if exists {
		r.changed[c.ID] = n
	}
	r.ghosts[n] = g
	marks := g.mentions()
	if before != nil {
		marks = append(marks, r.ghostOf(before).mentions()...)
	}
	for _, m := range marks {
		if !slices.Contains(r.by[m], n) {
			r.by[m] = append(r.by[m], n)
		}
	}
}

// mentions returns by what the ghost is recognised.
func (g ghost) mentions() (all []mention) {
	for _, m := range []mention{
		{AttributeExternalID, g.ExternalCustomerID}, {AttributeSMS, g.Phone}, {AttributeEmail, EmailKey(g.Email)},
	} {
		if m.value != "" {
			all = append(all, m)
		}
	}
	if g.field != "" {
		all = append(all, mention{markField, MatchKey(g.field)})
	}
	for _, d := range g.devices {
		all = append(all, mention{AttributeMobilePush, d.Key()})
	}
	return all
}

func (g ghost) has(m mention) bool { return slices.Contains(g.mentions(), m) }
