// Package workspace keeps the customers of an installation and the settings that
// their owners choose: how phones are read, which rule matches identities, what is
// added to links, for how long what was sent is kept.
package workspace

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"bellman/internal/audit"
	"bellman/internal/fault"
)

// IdentityMatch is the rule for the case that the identifier of highest priority
// that was sent matches no contact.
type IdentityMatch string

// The two rules that the vendor documents.
const (
	// MatchFirst creates a contact at once.
	MatchFirst IdentityMatch = "first"
	// MatchAny tries the next identifier and creates only when none matches.
	// spec: app-any-decides
	MatchAny IdentityMatch = "any"
)

// Default is the id of the workspace that a fresh installation has.
const Default int64 = 1

// Workspace is one customer of an installation, with the settings that its
// owner chooses.
type Workspace struct {
	ID   int64
	Name string
	// PhoneRegion is the ISO 3166 country in which phones without a country
	// code are read; empty when there is none.
	PhoneRegion string
	// TimeZone is the IANA zone by which its people plan and count days; empty when each
	// has their own.
	TimeZone      string
	IdentityMatch IdentityMatch
	// UTM are the parameters that links of messages get from now on when they are
	// followed.
	UTM UTM
	// Keeping is for how long what was sent, and events, are kept.
	Keeping Keeping
	// ApprovalAbove is above how many recipients somebody else than its author launches a
	// campaign; zero for never.
	ApprovalAbove int64
	CreatedAt     time.Time
	// ArchivedAt is since when nothing changes in it; zero for a workspace in use.
	ArchivedAt time.Time
}

// facts are what the audit log tells of the settings.
func (w Workspace) facts() audit.Facts {
	f := audit.Facts{
		"phoneRegion": w.PhoneRegion, "timeZone": w.TimeZone, "identityMatch": string(w.IdentityMatch),
		"recipientsMonths": w.Keeping.RecipientsMonths,
		"eventsMonths":     w.Keeping.EventsMonths, "auditMonths": w.Keeping.AuditMonths,
	}
	for _, p := range w.UTM.parameters() {
		if p.text != "" {
			f[p.name] = p.text
		}
	}
	return f
}

// Settings is a change of a workspace's settings; nil leaves a setting unchanged.
type Settings struct {
	PhoneRegion   *string
	TimeZone      *string
	IdentityMatch *IdentityMatch
	UTM           *UTM
	// RecipientsMonths, EventsMonths and AuditMonths are those of [Keeping].
	RecipientsMonths, EventsMonths, AuditMonths *int
}

// Store is what workspaces need of the database.
type Store interface {
	// Find returns a workspace, or NotFound.
	Find(ctx context.Context, id int64) (Workspace, error)
	// Update writes a workspace's settings.
	Update(ctx context.Context, w Workspace) error
	// Create writes a workspace with the settings of a new one, of which the user is the
	// owner unless that is zero, and returns it. A name that another one has is a Conflict.
	Create(ctx context.Context, name string, owner int64, now time.Time) (Workspace, error)
	// Rename writes its name. One that another one has is a Conflict.
	Rename(ctx context.Context, id int64, name string) error
	// Archive writes since when it is archived; the zero time takes it out again. While
	// anything goes out of it, that is a Conflict.
	Archive(ctx context.Context, id int64, at time.Time) error
	// Approve writes above how many recipients somebody else launches; zero for never.
	Approve(ctx context.Context, id, above int64) error
}

// Service makes and finds workspaces and changes their settings.
type Service struct {
	store Store
	now   func() time.Time
}

// New returns a service over the store, with the given clock.
func New(store Store, now func() time.Time) *Service { return &Service{store, now} }

// MaxName is the longest name of a workspace, in characters.
const MaxName = 100

func readName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > MaxName || strings.ContainsFunc(name, unicode.IsControl) {
		return "", fault.New(fault.Invalid, "workspace_name_invalid",
			"name the workspace in 1 to %d characters, without line ends", MaxName).In("name")
	}
	return name, nil
}

// Create makes a workspace, of which the user is the owner unless that is zero.
func (s *Service) Create(ctx context.Context, name string, owner int64) (Workspace, error) {
	name, err := readName(name)
	if err != nil {
		return Workspace{}, err
	}
	audit.Became(ctx, audit.Facts{"name": name})
	return s.store.Create(ctx, name, owner, s.now())
}

// Rename gives a workspace another name and returns it.
func (s *Service) Rename(ctx context.Context, id int64, name string) (Workspace, error) {
	name, err := readName(name)
	if err != nil {
		return Workspace{}, err
	}
	w, err := s.store.Find(ctx, id)
	if err != nil {
		return w, err
	}
	audit.Was(ctx, audit.Facts{"name": w.Name})
	audit.Became(ctx, audit.Facts{"name": name})
	if err := s.store.Rename(ctx, id, name); err != nil {
		return Workspace{}, err
	}
	return s.store.Find(ctx, id)
}

// Archive closes a workspace, in which nothing may go out at that moment, or opens it
// again, and returns it. Nothing of it is removed.
func (s *Service) Archive(ctx context.Context, id int64, archived bool) (Workspace, error) {
	at := time.Time{}
	if archived {
		at = s.now()
	}
	audit.Became(ctx, audit.Facts{"archived": archived})
	if err := s.store.Archive(ctx, id, at); err != nil {
		return Workspace{}, err
	}
	return s.store.Find(ctx, id)
}

// MostApprovalAbove is the largest number of recipients from which on approval is asked for.
const MostApprovalAbove = 1_000_000_000

// Approve has the workspace ask for somebody else than its author to launch a campaign to
// more than so many recipients, from 1 to [MostApprovalAbove], or zero for never, and
// returns it. It holds at once, also for what waits for its time.
func (s *Service) Approve(ctx context.Context, id, above int64) (Workspace, error) {
	if above < 0 || above > MostApprovalAbove {
		return Workspace{}, fault.New(fault.Invalid, "approval_invalid",
			"write a number of recipients from 1 to %d, or null to ask for nobody", MostApprovalAbove).In("above")
	}
	w, err := s.store.Find(ctx, id)
	if err != nil {
		return w, err
	}
	audit.Was(ctx, audit.Facts{"approvalAbove": w.ApprovalAbove})
	audit.Became(ctx, audit.Facts{"approvalAbove": above})
	if err := s.store.Approve(ctx, id, above); err != nil {
		return Workspace{}, err
	}
	return s.store.Find(ctx, id)
}

// Find returns the workspace with the given id.
func (s *Service) Find(ctx context.Context, id int64) (Workspace, error) {
	return s.store.Find(ctx, id)
}

// Update changes settings and returns the result. A region that is no ISO 3166
// country, an unknown time zone or rule, UTM parameters with unknown variables and months that are out
// of bounds are Invalid.
func (s *Service) Update(ctx context.Context, id int64, change Settings) (Workspace, error) {
	w, err := s.store.Find(ctx, id)
	if err != nil {
		return w, err
	}
	audit.Was(ctx, w.facts())
	if change.PhoneRegion != nil {
		w.PhoneRegion = strings.ToUpper(strings.TrimSpace(*change.PhoneRegion))
		if w.PhoneRegion != "" && phonenumbers.GetCountryCodeForRegion(w.PhoneRegion) == 0 {
			return w, fault.New(fault.Invalid, "phone_region_unknown",
				"write a two-letter country code such as UA, or leave it empty").In("phoneRegion")
		}
	}
	if change.TimeZone != nil {
		w.TimeZone = strings.TrimSpace(*change.TimeZone)
		if w.TimeZone != "" && !IsZone(w.TimeZone) {
			return w, ErrZone
		}
	}
	if change.IdentityMatch != nil {
		w.IdentityMatch = *change.IdentityMatch
		if !slices.Contains([]IdentityMatch{MatchFirst, MatchAny}, w.IdentityMatch) {
			return w, fault.New(fault.Invalid, "identity_match_unknown", `write "first" or "any"`).In("identityMatch")
		}
	}
	if change.UTM != nil {
		w.UTM = *change.UTM
		if err := w.UTM.Check(); err != nil {
			return w, err
		}
	}
	if change.RecipientsMonths != nil {
		w.Keeping.RecipientsMonths = *change.RecipientsMonths
	}
	if change.EventsMonths != nil {
		w.Keeping.EventsMonths = *change.EventsMonths
	}
	if change.AuditMonths != nil {
		w.Keeping.AuditMonths = *change.AuditMonths
	}
	if err := w.Keeping.Check(); err != nil {
		return w, err
	}
	audit.Became(ctx, w.facts())
	return w, s.store.Update(ctx, w)
}
