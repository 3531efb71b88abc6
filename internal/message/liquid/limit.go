package liquid

import (
	"errors"
	"fmt"
)

// Limits of a source. Together with those of a rendering they bound its time;
// nobody who writes messages comes near them.
const (
	maxPieces  = 1000 // pieces of Liquid, each with a text before it
	maxFilters = 200  // in all of it
	maxNesting = 8    // blocks in blocks
	maxLoops   = 2    // loops in loops
)

// Limits of one rendering.
const (
	maxIterations = 1000     // of all loops together; the longest list
	maxSteps      = 20_000   // pieces of Liquid in all iterations together
	maxOutput     = 64 << 10 // bytes
)

// maxText is the longest text that a filter or a capture makes, in bytes: as
// much as a message can have, with four bytes a character.
const maxText = 16 << 10

var (
	errTooLong  = errors.New("this becomes longer than a message can be")
	errEndless  = fmt.Errorf("the loops run more than %d times", maxIterations)
	errDivision = errors.New("nothing can be divided by 0")
	errTooLarge = errors.New("the number becomes too large")
)

// budget is what is left of a rendering's limits.
type budget struct{ iterations, steps int }

// spend takes one iteration off, and tells whether there was one left.
func (b *budget) spend(steps int) bool {
	b.iterations--
	b.steps -= steps
	return b.iterations >= 0 && b.steps >= 0
}
