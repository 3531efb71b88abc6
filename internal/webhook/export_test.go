package webhook

import "context"

// Look is what a running sender does every second, and waits for the turns that
// it begins.
func (s *Sender) Look(ctx context.Context) error {
	err := s.look(ctx)
	s.turns.Wait()
	return err
}

// CleanAddress is what an address is put through.
var CleanAddress = cleanAddress
