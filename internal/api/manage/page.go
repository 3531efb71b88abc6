package manage

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"

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

// Counting is the input of lists that tell how many items there are on all pages; it is
// exported for the reason given at [ByID].
type Counting struct {
	Total bool `query:"total" doc:"Tell how many items there are on all pages. Once is enough: a page without it is quicker."`
}

// page is the answer of every list.
type page[T any] struct {
	Items      []T        `json:"items" nullable:"false" doc:"The items of this page."`
	NextCursor string     `json:"nextCursor,omitempty" doc:"The cursor of the next page; absent on the last." example:"NTA"`
	Total      *totalView `json:"total,omitempty" doc:"How many there are on all pages, where that was asked for by total=true."`
}

// totalView is a count of items.
type totalView struct {
	Count int64 `json:"count" example:"1204"`
	About bool  `json:"about,omitempty" doc:"It is reckoned from a part of them, or counted no further: there are about so many, or more."`
}

var errCursor = fault.New(fault.Invalid, "cursor_invalid",
	"send nextCursor of the page before, as it was, or no cursor for the first page").In("cursor")

// after returns the key after which an ascending list continues.
func (p Paging) after() (int64, error) { return p.key(0) }

// before returns the key below which a descending list continues.
func (p Paging) before() (int64, error) { return p.key(math.MaxInt64) }

func (p Paging) key(first int64) (int64, error) {
	keys, err := cursorOf[int64](p)
	switch {
	case err != nil:
		return 0, err
	case keys == nil:
		return first, nil
	case *keys < 1:
		return 0, errCursor
	}
	return *keys, nil
}

// cursorOf returns the key of the last item of the page before; nil for the first page.
// The keys of a list that is sorted by more than its ids are a struct.
func cursorOf[K any](p Paging) (*K, error) {
	if p.Cursor == "" {
		return nil, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err != nil {
		return nil, errCursor
	}
	var key K
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&key); err != nil || decoder.More() {
		return nil, errCursor
	}
	return &key, nil
}

// more returns the limit to pass to a feature: one item beyond the page shows that
// there is a next one.
func (p Paging) more() int { return p.Limit + 1 }

// paged turns up to [Paging.more] items into a page. The key is what [cursorOf] returns of
// the next one.
func paged[T, V, K any](p Paging, items []T, key func(T) K, view func(T) V) *answer[page[V]] {
	out := page[V]{Items: make([]V, 0, min(len(items), p.Limit))}
	if len(items) > p.Limit {
		items = items[:p.Limit]
		out.NextCursor = cursor(key(items[p.Limit-1]))
	}
	for _, item := range items {
		out.Items = append(out.Items, view(item))
	}
	return &answer[page[V]]{out}
}

// spanned is the page of a list that says itself where it goes on: next is the key of
// [cursorOf], nil at its end.
func spanned[V any](views []V, next any) *answer[page[V]] {
	out := page[V]{Items: append([]V{}, views...)}
	if next != nil {
		out.NextCursor = cursor(next)
	}
	return &answer[page[V]]{out}
}

// cursor returns a key as [cursorOf] reads it.
func cursor(key any) string {
	text, err := json.Marshal(key)
	if err != nil {
		panic(err) // keys are numbers and texts
	}
	return base64.RawURLEncoding.EncodeToString(text)
}
