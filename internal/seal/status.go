package seal

import "context"

// Status is what can be known of a ring without its secret key.
type Status struct {
	Stored

	// Blobs are how many there are in each place under each data key, by its id.
	Blobs map[int64]map[Place]int
}

// Look returns the status of the ring in a database.
func Look(ctx context.Context, store Store) (Status, error) {
	stored, err := store.Ring(ctx)
	if err != nil {
		return Status{}, err
	}
	s := Status{Stored: stored, Blobs: map[int64]map[Place]int{}}
	err = each(ctx, store, func(p Place, blobs []Blob) error {
		for _, b := range blobs {
			id := KeyOf(b.Sealed)
			if s.Blobs[id] == nil {
				s.Blobs[id] = map[Place]int{}
			}
			s.Blobs[id][p]++
		}
		return nil
	})
	return s, err
}
