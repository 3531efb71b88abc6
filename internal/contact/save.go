package contact

import (
	"context"

	"bellman/internal/audit"
	"bellman/internal/fault"
)

// Saved is a contact as it is after a write.
type Saved struct {
	Contact
	// Created is true when the contact is new.
	Created bool
	// Restored is true when the contact was deleted before.
	Restored bool
	// GotEmail is true when the contact did not have its email before.
	GotEmail bool
	// LeftOut names the phone and email that the contact did not get, because
	// another one has them.
	LeftOut []*fault.Error
}

// Save creates or updates one contact and returns it. A given id must exist.
// Without one, the contact is found by externalCustomerId, else by email, else by
// phone, else by a push token. A contact that is found by one of the latter three
// and has no externalCustomerId gets the one that was sent. A deleted contact with
// the externalCustomerId is restored. When no contact is found, a new one is
// created. Conflict means that another contact has the externalCustomerId. A phone
// or email that another contact has is left out, unless both have externalCustomerIds:
// then they share it. With a given id that is a Conflict.
//
// spec: contact-upsert contact-restored
func (s *Service) Save(ctx context.Context, workspaceID int64, region string, p Profile) (Saved, error) {
	return s.save(ctx, workspaceID, region, p, Profile.target, Profile.apply)
}

// save writes the clean profile, as apply does, to the contact that target finds, or
// to a new one where that is nil.
func (s *Service) save(ctx context.Context, workspaceID int64, region string, p Profile,
	target func(Profile, *index) (*Contact, error), apply func(Profile, *Contact),
) (Saved, error) {
	now := s.now()
	types, err := s.typesFor(ctx, workspaceID, p)
	if err != nil {
		return Saved{}, err
	}
	p, unread := p.clean(Reader{region}, types)
	if err := unread.error(); err != nil {
		return Saved{}, err
	}
	look := Lookup{WorkspaceID: workspaceID, Details: true, Sharers: p.ExternalCustomerID != nil && *p.ExternalCustomerID == ""}
	look.addProfile(p)
	var (
		c   *Contact
		out Saved
	)
	err = s.store.Decide(ctx, look, now, func(snap Snapshot) (Plan, error) {
		d := newDraft(newIndex(snap, 0), now)
		if c, err = target(p, d.known); err != nil {
			return Plan{}, err
		}
		out = Saved{Created: c == nil, Restored: c != nil && !c.living()}
		had := deref(c).Email
		write := func(c *Contact) { apply(p, c) }
		var taken gaps
		if c == nil {
			c, taken = d.create(workspaceID, write)
		} else {
			taken = d.change(c, write)
			audit.About(ctx, "contacts", c.ID)
		}
		if err := taken.error(); err != nil && p.ID != nil {
			return Plan{}, err
		}
		out.LeftOut = taken.faults()
		out.GotEmail = c.Email != "" && EmailKey(c.Email) != EmailKey(had)
		if len(c.Devices) > MaxDevices {
			return Plan{}, errTooManyDevices
		}
		if len(c.Subscriptions) > MaxSubscriptions {
			return Plan{}, errTooManySubscriptions
		}
		return d.finish(), nil
	})
	if err != nil {
		return Saved{}, err
	}
	out.Contact = *c
	return out, nil
}

// Update changes the contact with the id and no other: NotFound when there is none,
// Conflict when another contact has the externalCustomerId, or the phone or email and
// may not share it. Nothing is changed when unless, which may be nil, returns an error for
// the contact as it is.
func (s *Service) Update(
	ctx context.Context, workspaceID int64, region string, id int64, p Profile, unless func(Contact) error,
) (Saved, error) {
	p.ID = &id
	return s.save(ctx, workspaceID, region, p, func(p Profile, known *index) (*Contact, error) {
		c, err := p.target(known)
		if err == nil && unless != nil {
			err = unless(*c)
		}
		return c, err
	}, Profile.apply)
}

// Restore changes the contact with the id, as [Service.Update] does, also when it was
// deleted: then it is back.
func (s *Service) Restore(ctx context.Context, workspaceID int64, region string, id int64, p Profile) (Saved, error) {
	p.ID = &id
	return s.save(ctx, workspaceID, region, p, func(p Profile, known *index) (*Contact, error) {
		return p.named(known, known.byID[id])
	}, Profile.apply)
}

// Subscribe creates or updates one contact, as [Service.Save] does, for a person
// who subscribed: the contact is found by externalCustomerId, else by email, else
// by phone, and an id that was sent does not count. The categories, which have the
// limits of [Service.SetSubscriptions], are added to those that the contact has
// chosen. An email or phone that the contact already has is not changed: forms are
// open to everybody, who could otherwise redirect another person's messages.
func (s *Service) Subscribe(ctx context.Context, workspaceID int64, region string, p Profile, categories []string) (Saved, error) {
	chosen, err := cleanCategories(categories)
	if err != nil {
		return Saved{}, err
	}
	p.ID = nil
	return s.save(ctx, workspaceID, region, p, Profile.target, func(p Profile, c *Contact) {
		if c.Email != "" {
			p.Email = nil
		}
		if c.Phone != "" {
			p.Phone = nil
		}
		p.apply(c)
		c.Subscriptions = withCategories(c.Subscriptions, chosen)
	})
}

// typesFor returns the types of custom fields, if the profile has any.
func (s *Service) typesFor(ctx context.Context, workspaceID int64, p Profile) (fieldTypes, error) {
	if len(p.Fields) == 0 {
		return nil, nil
	}
	return s.fieldTypes(ctx, workspaceID)
}

// addProfile extends the lookup by everything that a clean profile names.
func (l *Lookup) addProfile(p Profile) {
	l.add(deref(p.ID), p.identity())
	for _, d := range p.Devices {
		l.DeviceKeys = append(l.DeviceKeys, d.Key())
	}
}

// target returns the contact that p is about, nil for a new one.
func (p Profile) target(known *index) (*Contact, error) {
	id := p.identity()
	if p.ID == nil && id == (Identity{}) && len(p.Devices) == 0 {
		return nil, fault.New(fault.Invalid, "identifier_missing",
			"name the contact: an id, an externalCustomerId, or an email, sms or push channel")
	}
	if p.ID != nil {
		return p.named(known, known.livingByID(*p.ID))
	}
	if holder := known.byExternal[id.ExternalCustomerID]; holder != nil {
		return holder, nil
	}
	return p.adoptable(known), nil
}

// named returns the contact that was found by the profile's id, if it may have the
// profile's externalCustomerId.
func (p Profile) named(known *index, found *Contact) (*Contact, error) {
	if found == nil {
		return nil, ErrNotFound
	}
	holder := known.byExternal[deref(p.ExternalCustomerID)]
	if holder != nil && holder != found {
		return nil, fault.New(fault.Conflict, "external_customer_id_taken",
			"contact %d has this externalCustomerId", holder.ID).In("externalCustomerId")
	}
	return found, nil
}

// adoptable returns the contact that the email, else the phone, else a push token
// leads to; nil when there is none.
func (p Profile) adoptable(known *index) *Contact {
	id := p.identity()
	if found := known.adoptable(known.byEmail[EmailKey(id.Email)], id.ExternalCustomerID); found != nil {
		return found
	}
	if found := known.adoptable(known.byPhone[id.Phone], id.ExternalCustomerID); found != nil {
		return found
	}
	for _, d := range p.Devices {
		if found := known.adoptable(known.byDevice[d.Key()], id.ExternalCustomerID); found != nil {
			return found
		}
	}
	return nil
}
