package webhook

import (
	"context"

	"bellman/internal/audit"
	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/outcome"
)

// Change is a change of a webhook; nil leaves a part as it is.
type Change struct {
	Name, URL, Login, Password *string
	Statuses                   []outcome.Activity
	State                      *State
}

// Update changes a webhook. A new address, login or password is tried with a GET
// request first. When one is given, or the webhook is made active, the backlog is
// posted at once, and what was wrong with the old ones pauses it no more. An empty
// login drops the password too. When the address moves to another server, the
// password has to be given again, so that nobody who does not know it can have it sent
// elsewhere.
func (s *Service) Update(ctx context.Context, workspaceID, id int64, c Change) (Webhook, error) {
	w, err := s.store.Webhook(ctx, workspaceID, id)
	if err != nil {
		return w, err
	}
	audit.Was(ctx, w.facts())
	if c.Name != nil {
		if err := message.CheckName(*c.Name); err != nil {
			return w, err
		}
		w.Name = *c.Name
	}
	if c.Statuses != nil {
		if w.Statuses, err = checkStatuses(c.Statuses); err != nil {
			return w, err
		}
	}
	retry := false
	var check func(others []Webhook) error
	if c.URL != nil {
		check = func(others []Webhook) error { return unshared(w.URL, others) }
	}
	if c.URL != nil || c.Login != nil || c.Password != nil {
		if err := s.move(ctx, &w, c); err != nil {
			return w, err
		}
		retry = true
		if w.StateReason == outcome.AddressGone || w.StateReason == outcome.SecretUnreadable {
			w.turn(Active)
		}
	}
	if c.State != nil {
		state, err := checkState(*c.State)
		if err != nil {
			return w, err
		}
		retry = retry || state == Active && w.State == Paused
		w.turn(state)
	}
	audit.Became(ctx, w.facts())
	w.UpdatedAt = s.now()
	if err := s.store.ChangeWebhook(ctx, w, retry, check); err != nil {
		return w, err
	}
	return s.store.Webhook(ctx, workspaceID, id)
}

// move changes a webhook's address, login and password, once the new address has
// answered.
func (s *Service) move(ctx context.Context, w *Webhook, c Change) error {
	to := Address{URL: w.URL, Login: w.Login}
	if c.URL != nil {
		to.URL = *c.URL
	}
	if c.Login != nil {
		to.Login = *c.Login
	}
	switch {
	case c.Password != nil:
		to.Password = *c.Password
	case to.Login != "":
		old, err := s.address(*w)
		if err != nil {
			return err
		}
		to.Password = old.Password
	}
	to, err := cleanAddress(to)
	if err != nil {
		return err
	}
	if to.Password != "" && c.Password == nil && !sameServer(w.URL, to.URL) {
		return fault.New(fault.Invalid, "webhook_password_missing",
			"the address is on another server: give the password too, or an empty login for none").In("password")
	}
	if err := s.probe(ctx, to); err != nil {
		return err
	}
	w.URL, w.Login, w.SealedPassword = to.URL, to.Login, nil
	if to.Login != "" {
		w.SealedPassword = s.seal.Seal(to.Password, PasswordNumber(w.ID))
	}
	return nil
}
