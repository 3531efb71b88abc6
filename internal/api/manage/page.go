package manage

import (
	"encoding/base64"
	"math"
	"strconv"
	"time"

	"bellman/internal/fault"
)

// ByID is the input of operations on one thing. It is exported because huma looks
// for parameters in exported embedded fields only.
type ByID struct {
	ID int64 `path:"id" minimum:"1" maximum:"9007199254740991" doc:"The id." example:"1"`
}

// Paging is the input of every list; it is exported for the reason given at [ByID].
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many items to return at most."`
	Cursor string `query:"cursor" doc:"Where to go on: nextCursor of the page before."`
}

// page is the answer of every list.
type page[T any] struct {
	Items      []T    `json:"items" nullable:"false" doc:"The items of this page."`
	NextCursor string `json:"nextCursor,omitempty" doc:"The cursor of the next page; absent on the last." example:"NTA"`
}

var errCursor = fault.New(fault.Invalid, "cursor_invalid",
	"send nextCursor of the page before, as it was, or no cursor for the first page").In("cursor")

// after returns the key after which an ascending list continues.
func (p Paging) after() (int64, error) { return p.key(0) }

// before returns the key below which a descending list continues.
func (p Paging) before() (int64, error) { return p.key(math.MaxInt64) }

func (p Paging) key(first int64) (int64, error) {
	if p.Cursor == "" {
		return first, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err != nil {
		return 0, errCursor
	}
	key, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || key < 1 {
		return 0, errCursor
	}
	return key, nil
}

// more returns the limit to pass to a feature: one item beyond the page shows that
// there is a next one.
func (p Paging) more() int { return p.Limit + 1 }

// paged turns up to [Paging.more] items into a page.
func paged[T, V any](p Paging, items []T, key func(T) int64, view func(T) V) *answer[page[V]] {
	out := page[V]{Items: make([]V, 0, min(len(items), p.Limit))}
	if len(items) > p.Limit {
		items = items[:p.Limit]
		last := strconv.FormatInt(key(items[p.Limit-1]), 10)
		out.NextCursor = base64.RawURLEncoding.EncodeToString([]byte(last))
	}
	for _, item := range items {
		out.Items = append(out.Items, view(item))
	}
	return &answer[page[V]]{out}
}

// utc returns t as it is stored, so that the answer to a write shows the same time
// as later answers.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// moment returns nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = utc(t)
	return &t
}
