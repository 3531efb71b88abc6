package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"bellman/test/harness"
)

// bulk is an import of people who are all new, with a group and a type of events of its own.
type bulk struct {
	// after is how long after the import before.
	after  time.Duration
	people int
	// server is the number of the first one that is asked.
	server int
	// again tells that the import is made a second time, though it was answered.
	again bool
}

// imported is an import and what came of it.
type imported struct {
	bulk

	name string
	// sessions are those that were answered; so many calls failed beside them, and may have been accepted all the same.
	sessions   []session
	unanswered int
	// members are the contacts in the group, subjects those whom its events are about.
	members, subjects []int64
}

// session is an accepted import, as its status tells of it.
type session struct {
	id, status                        string
	created, updated, skipped, failed int
}

func (j *injury) makeImports(ctx context.Context) error {
	j.imports = make([]imported, len(j.plan.chores.imports))
	for i, b := range j.plan.chores.imports {
		j.imports[i] = imported{bulk: b, name: fmt.Sprintf("import%d", i+1)}
	}
	return timetable(ctx, j.imports, func(i imported) time.Duration { return i.after }, func(ctx context.Context, n int) error {
		return j.imports[n].request(ctx, j.cluster)
	})
}

// request makes the import, as somebody does who cannot know what became of a call without an answer.
func (i *imported) request(ctx context.Context, c *cluster) error {
	contacts := make([]map[string]any, i.people)
	for n := range contacts {
		email := fmt.Sprintf("%s.%d@example.com", i.name, n+1)
		contacts[n] = map[string]any{"channels": []map[string]any{{"type": "email", "value": email}}}
	}
	order := map[string]any{
		"dedupeOn": "email", "contacts": contacts, "groupNames": []string{i.name}, "eventKeyForNewContacts": i.name,
	}
	for k := range times(i.again) {
		err := c.askFrom(ctx, i.server+k, func(ctx context.Context, client harness.Client) error {
			var accepted struct{ AsyncSessionID string }
			if err := client.Call(ctx, http.MethodPost, "/api/v1/contacts", order, &accepted); err != nil {
				i.unanswered++
				return err
			}
			i.sessions = append(i.sessions, session{id: accepted.AsyncSessionID})
			return nil
		})
		if err != nil {
			return fmt.Errorf("%s: %w", i.name, err)
		}
	}
	return nil
}

// times is how often something is done that may be done again.
func times(again bool) int {
	if again {
		return 2
	}
	return 1
}

// lookAtImports reads how the imports stand, and tells whether all is as it should be.
func (j *injury) lookAtImports(ctx context.Context) (good bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	good = true
	for n := range j.imports {
		if err := j.ask(ctx, j.imports[n].look); err != nil {
			return false, err
		}
		good = good && len(j.imports[n].faults()) == 0
	}
	return good, nil
}

func (i *imported) look(ctx context.Context, client harness.Client) (err error) {
	for n := range i.sessions {
		if err := i.sessions[n].look(ctx, client); err != nil {
			return err
		}
	}
	if i.members, err = members(ctx, client, i.name); err != nil {
		return err
	}
	events, err := harness.List[struct{ ContactID int64 }](ctx, client, "/manage/v1/events", url.Values{"eventTypeKey": {i.name}})
	i.subjects = nil
	for _, e := range events {
		i.subjects = append(i.subjects, e.ContactID)
	}
	return err
}

func (s *session) look(ctx context.Context, client harness.Client) error {
	var told struct{ Status, Description string }
	if err := client.Call(ctx, http.MethodGet, "/api/v1/importstatus/"+s.id, nil, &told); err != nil {
		return err
	}
	s.status = told.Status
	_, err := fmt.Sscanf(told.Description, "created: %d, updated: %d, skipped: %d, failed: %d", &s.created, &s.updated, &s.skipped, &s.failed)
	return err
}

// members returns the contacts of the group with the name; nobody when there is none yet.
func members(ctx context.Context, client harness.Client, name string) (ids []int64, err error) {
	groups, err := harness.List[struct {
		ID   int64
		Name string
	}](ctx, client, "/manage/v1/groups", url.Values{"name": {name}})
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if g.Name != name {
			continue // another has the name in its own
		}
		contacts, err := harness.List[struct{ ContactID int64 }](ctx, client, fmt.Sprintf("/manage/v1/groups/%d/contacts", g.ID), nil)
		if err != nil {
			return nil, err
		}
		for _, c := range contacts {
			ids = append(ids, c.ContactID)
		}
	}
	return ids, nil
}

// faults are sentences about what was promised of the import and does not hold.
func (i *imported) faults() (all []string) {
	fault := func(format string, args ...any) { all = append(all, i.name+": "+fmt.Sprintf(format, args...)) }
	created := 0
	for _, s := range i.sessions {
		created += s.created
		if s.status != "FINISHED" {
			fault("session %s is %s", s.id, s.status)
		}
		if s.failed > 0 || s.created+s.updated+s.skipped != i.people {
			fault("session %s does not account for its %d people: %+v", s.id, i.people, s)
		}
	}
	if created > i.people || created < i.people && i.unanswered == 0 {
		fault("its sessions have created %d of %d people, and %d calls were not answered", created, i.people, i.unanswered)
	}
	members, subjects := slices.Sorted(slices.Values(i.members)), slices.Sorted(slices.Values(i.subjects))
	if n := len(slices.Compact(slices.Clone(members))); n != i.people || len(members) != n {
		fault("the group has %d members, %d of them distinct, and not %d", len(members), n, i.people)
	}
	if !slices.Equal(members, subjects) {
		fault("%d events are not one for each of %d members", len(subjects), len(members))
	}
	return all
}

func (r *result) judgeImports(imports []imported) {
	for n := range imports {
		r.imports += len(imports[n].sessions)
		r.broken = append(r.broken, imports[n].faults()...)
	}
}
