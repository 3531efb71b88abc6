package store

import "slices"

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

// sample returns the ids of up to n of the blocks, each from the middle of as many, and
// which part of those who are held they hold.
func (all blocks) sample(n int) (ids []int64, part float64) {
	held := slices.DeleteFunc(slices.Clone(all), func(b block) bool { return b.held == 0 })
	_, _, total := held.place(0)
	var seen int64
	n = min(n, len(held))
	for i := range n {
		b := held[(2*i+1)*len(held)/(2*n)]
		seen += b.held
		for id := range int64(blockSize) {
			ids = append(ids, b.first+id)
		}
	}
	if total == 0 {
		return nil, 1
	}
	return ids, float64(seen) / float64(total)
}
