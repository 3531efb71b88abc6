package store

// A block stands for the contacts with ids from first on, of which held are in a
// list.
type block struct{ first, held int64 }

// blocks are those of a list, in the order of ids.
type blocks []block

// place returns in which block the contact at the offset is, by the block's first
// id, and how many of the block are before it, so that at most one block has to be
// counted through; and how many contacts there are.
func (all blocks) place(offset int64) (first, skip, total int64) {
	for _, b := range all {
		if total <= offset && offset < total+b.held {
			first, skip = b.first, offset-total
		}
		total += b.held
	}
	return first, skip, total
}
