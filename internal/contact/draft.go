package contact

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// draft collects the changes of a decision, and keeps the index up to date, so that
// each item sees the results of those before it.
type draft struct {
	known *index
	now   time.Time
	plan  Plan
	// before holds the touched contacts as they were; nil for a new one.
	before map[*Contact]*Contact
	turns  int
}

func newDraft(known *index, now time.Time) *draft {
	return &draft{known: known, now: now, before: map[*Contact]*Contact{}}
}

// create adds a contact, which fill writes to, and returns it with what it does not
// get.
func (d *draft) create(workspaceID int64, fill func(*Contact)) (*Contact, gaps) {
	c := &Contact{WorkspaceID: workspaceID, CreatedAt: d.now}
	d.before[c] = nil
	d.plan.Create = append(d.plan.Create, c)
	return c, d.write(c, fill)
}

// change updates a contact, and restores it when it was deleted. It returns what the
// contact does not get.
func (d *draft) change(c *Contact, write func(*Contact)) gaps {
	if _, touched := d.before[c]; !touched {
		was := *c
		d.before[c] = &was
		d.plan.Update = append(d.plan.Update, c)
	}
	d.known.remove(c)
	return d.write(c, write)
}

// write changes a contact that is out of the index, and puts it back.
func (d *draft) write(c *Contact, write func(*Contact)) gaps {
	had := c.Identity
	if !c.living() {
		// A deleted contact holds no phone and no email.
		had.Phone, had.Email = "", ""
	}
	c.DeletedAt = time.Time{}
	write(c)
	held := d.known.yield(c, had)
	c.UpdatedAt = d.now
	d.known.add(c)
	d.turns++
	d.known.turn[c] = d.turns
	return held
}

// finish returns the plan.
func (d *draft) finish() Plan {
	var empty Contact
	for _, c := range slices.Concat(d.plan.Create, d.plan.Update) {
		was := cmp.Or(d.before[c], &empty)
		d.planFields(c, was)
		if len(c.Devices)+len(was.Devices) > 0 && !slices.Equal(byKey(c.Devices), byKey(was.Devices)) {
			d.plan.Devices = append(d.plan.Devices, PlannedDevices{c, c.Devices})
		}
	}
	return d.plan
}

// planFields notes in which custom fields a contact differs from what it was.
func (d *draft) planFields(c, was *Contact) {
	if len(c.Fields)+len(was.Fields) == 0 {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(c.Fields)) {
		if c.Fields[id] != was.Fields[id] {
			d.plan.Fields = append(d.plan.Fields, PlannedField{c, id, c.Fields[id]})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(was.Fields)) {
		if _, kept := c.Fields[id]; !kept {
			d.plan.Fields = append(d.plan.Fields, PlannedField{c, id, ""})
		}
	}
}

// byKey returns the devices sorted by their keys, which are unique.
func byKey(devices []Device) []Device {
	return slices.SortedFunc(slices.Values(devices), func(a, b Device) int { return cmp.Compare(a.Key(), b.Key()) })
}
