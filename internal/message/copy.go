package message

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"bellman/internal/access"
	"bellman/internal/idempotency"
)

// Duplicate stores a copy of a message, a draft as a draft. Without a name, empty, it gets
// one by [CopyName]. NotFound when the workspace has no such message.
func (s *Service) Duplicate(ctx context.Context, workspaceID, id int64, name string) (Message, error) {
	if made, ok := idempotency.EarlierID(ctx); ok {
		return s.Get(ctx, workspaceID, made)
	}
	m, err := s.Get(ctx, workspaceID, id)
	if err != nil {
		return Message{}, err
	}
	if m.Name, err = s.copyName(ctx, m, name); err != nil {
		return Message{}, err
	}
	m.UpdatedAt = s.now()
	m.Author = access.AuthorOf(ctx, m.UpdatedAt)
	return s.create(ctx, m)
}

func (s *Service) copyName(ctx context.Context, m Message, chosen string) (string, error) {
	if chosen = strings.TrimSpace(chosen); chosen != "" {
		return chosen, CheckName(chosen)
	}
	taken, err := s.store.MessageNames(ctx, m.WorkspaceID, CopiedName(m.Name))
	return CopyName(m.Name, taken), err
}

// copyMark is what the names of copies end in.
var copyMark = regexp.MustCompile(` \(copy( [0-9]+)?\)$`)

// longestMark is as long as " (copy 99999)", in characters.
const longestMark = 13

// CopiedName returns how the names of the copies of a thing begin that has this name: the
// name itself without its mark, if it is that of a copy, cut so that a mark has room.
func CopiedName(name string) string {
	letters := []rune(copyMark.ReplaceAllLiteralString(name, ""))
	return strings.TrimSpace(string(letters[:min(len(letters), MaxName-longestMark)]))
}

// CopyName returns a name for a copy: "Sale (copy)", then "Sale (copy 2)", the first that
// is not taken. A copy of a copy is the next one of its original.
func CopyName(name string, taken []string) string {
	base := CopiedName(name)
	fresh := base + " (copy)"
	for n := 2; slices.Contains(taken, fresh); n++ {
		fresh = fmt.Sprintf("%s (copy %d)", base, n)
	}
	return fresh
}
