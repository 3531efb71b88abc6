package webhook

import "context"

// Look does what a running sender does every second, and waits for the turns that
// it begins.
func (s *Sender) Look(ctx context.Context) error {
	err := s.look(ctx)
	s.turns.Wait()
	return err
}

// SetMaxWaiting changes how many activities may wait for a webhook.
func (s *Sender) SetMaxWaiting(n int) { s.maxWaiting = n }

// CleanAddress checks an address.
var CleanAddress = cleanAddress
