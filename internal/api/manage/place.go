package manage

// place is the key of a list whose order the caller chooses: where the last item of the
// page stands in it.
type place struct {
	Order string `json:"o,omitempty"`
	Text  string `json:"t,omitempty"`
	At    int64  `json:"a,omitempty"`
	ID    int64  `json:"id"`
}

// placeIn returns the place behind which a list in an order continues; nil for its
// beginning. A cursor of another order is Invalid.
func (p Paging) placeIn(order string) (*place, error) {
	at, err := cursorOf[place](p)
	if err != nil || at == nil {
		return nil, err
	}
	if at.Order != order || at.ID < 1 {
		return nil, errCursor
	}
	return at, nil
}
