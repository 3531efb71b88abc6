package liquid

import (
	"fmt"

	"bellman/internal/spelling"
)

// meant returns a question for an author who wrote a name that does not exist:
// whether one of the known ones was meant. It is empty when none is near.
func meant(name, format string, known []string) string {
	near := spelling.Nearest(name, known)
	if near == "" {
		return ""
	}
	return "; did you mean " + fmt.Sprintf(format, near) + "?"
}
