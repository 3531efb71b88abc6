package campaign

import (
	"context"
	"errors"
	"strings"
	"sync"

	"bellman/internal/message"
)

// Preflight is the information before a launch.
type Preflight struct {
	// Recipients is the number of chats that would be its recipients now: [Reach.Laid].
	Recipients int64
	Reach      Reach
	Overlaps   Overlaps
	Cost       Cost
	// Missing lists the values that the message shows without a default and that
	// some recipients lack; it is empty when all are there.
	Missing []Missing
	// Warnings are those that a launch would return.
	Warnings []Warning
	// Version stands for what was looked at, for [Service.LaunchSeen].
	Version string
	// Approval is what the workspace asks for before it goes to so many.
	Approval Approval
}

// Missing is a value that some recipients lack: their message would have a gap.
type Missing struct {
	// Variable is its name, such as "contact.firstName".
	Variable   string
	Recipients int64
}

// Value is a value of a contact that a message writes out.
type Value struct {
	// Name is that of a field that every contact has, such as "firstName"; empty for a
	// custom field.
	Name string
	// FieldID is the custom field, or zero.
	FieldID int64
}

// valueOf returns the value of a contact that a variable is.
func valueOf(t *message.Template, variable string) (Value, bool) {
	if f, ok := t.Field(variable); ok {
		return Value{FieldID: f.ID}, true
	}
	name, ok := strings.CutPrefix(variable, "contact.")
	return Value{Name: name}, ok
}

// Warning describes a possible mistake that does not prevent a launch.
type Warning struct {
	// Code is stable, snake_case, and part of the API.
	Code    string
	Message string
}

var (
	warnUntracked = Warning{"links_untracked",
		"links stay as they are written and clicks are not counted, because Bellman does not know its public address: start it with --public-url"}
	warnNobody = Warning{"audience_empty", "nobody would get it: nobody in the audience has a chat with this bot yet"}
)

// LinksUntracked makes launches warn that clicks are not counted, because the
// installation has no public address. It returns the service.
func (s *Service) LinksUntracked() *Service {
	s.untracked = true
	return s
}

// warnings returns the warnings about a launch of the content.
func (s *Service) warnings(t *message.Template) []Warning {
	if s.untracked && len(t.Links()) > 0 {
		return []Warning{warnUntracked}
	}
	return nil
}

// Preflight checks a campaign before its launch, with the message as it is now. It
// returns Invalid for a message that Telegram would refuse, and NotFound when the
// workspace has no such campaign, or lacks a group that its audience names.
func (s *Service) Preflight(ctx context.Context, workspaceID, id int64) (Preflight, error) {
	c, l, err := s.store.Find(ctx, workspaceID, id)
	if err != nil {
		return Preflight{}, err
	}
	m, template, err := s.checked(ctx, workspaceID, c.MessageID)
	if err != nil {
		return Preflight{}, err
	}
	p, err := s.counted(ctx, c, template)
	if err != nil {
		return Preflight{}, err
	}
	p.Warnings, p.Cost = s.warnings(template), s.costOf(c, l, p.Reach.Reached())
	p.Approval = Approval{Recipients: p.Recipients, Campaign: c.Author, Message: m.Author}
	if p.Approval.Above, err = s.store.ApprovalAbove(ctx, workspaceID); err != nil {
		return Preflight{}, err
	}
	if p.Version, err = versionWith(c, m); err != nil {
		return Preflight{}, err
	}
	if p.Recipients == 0 {
		p.Warnings = append(p.Warnings, warnNobody)
	}
	return p, nil
}

// counted counts whom a campaign reaches, what they lack, and what else they get. What they
// lack takes the longest by far, and is counted beside the rest.
func (s *Service) counted(ctx context.Context, c Campaign, template *message.Template) (p Preflight, err error) {
	var (
		beside    sync.WaitGroup
		missing   map[Value]int64
		uncounted error
		values    = valuesOf(template)
	)
	if len(values) > 0 {
		beside.Go(func() { missing, uncounted = s.store.CountMissing(ctx, c, values) })
	}
	if p.Reach, err = s.store.CountReach(ctx, c, s.now()); err == nil {
		p.Recipients = p.Reach.Laid()
		p.Overlaps, err = s.overlaps(ctx, c, p.Reach)
	}
	beside.Wait()
	if err = errors.Join(err, uncounted); err != nil {
		return p, err
	}
	for _, v := range template.Required() {
		// A broadcast has no data of its own.
		n := p.Recipients
		if value, ok := valueOf(template, v); ok {
			n = missing[value]
		}
		if n > 0 {
			p.Missing = append(p.Missing, Missing{v, n})
		}
	}
	return p, nil
}

// valuesOf returns the values of contacts that a message writes out.
func valuesOf(template *message.Template) (values []Value) {
	for _, v := range template.Required() {
		if value, ok := valueOf(template, v); ok {
			values = append(values, value)
		}
	}
	return values
}

// checked returns a message that Telegram would accept, as it is now.
func (s *Service) checked(ctx context.Context, workspaceID, messageID int64) (message.Message, *message.Template, error) {
	m, err := s.messages.Checked(ctx, workspaceID, messageID)
	if err != nil {
		return m, nil, err
	}
	template, err := message.Compile(m.Content)
	return m, template, err
}

// versionWith is [Campaign.version] with the message as it is now.
func versionWith(c Campaign, m message.Message) (string, error) {
	content, err := m.Content.Encode()
	if err != nil {
		return "", err
	}
	return c.version(content)
}
