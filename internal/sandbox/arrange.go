package sandbox

import (
	"cmp"
	"math"
	"slices"
)

// arrange puts entities into Telegram's order and form (TDLib, MessageEntity.cpp, fix_entities): of links, emoji, code
// and times that intersect the first stays, quotes stand in no quote, a link around a quote goes; styles are taken off
// code and times, joined where they touch, and split where another entity begins or ends. It may reuse the list.
func arrange(list []entity) []entity {
	slices.SortStableFunc(list, compareEntities)
	if apart(list) {
		return list
	}
	var styles, quotes, others []entity
	for _, e := range list {
		switch {
		case e.isStyle():
			styles = append(styles, e)
		case e.isQuote():
			quotes = append(quotes, e)
		default:
			others = append(others, e)
		}
	}
	quotes = dropIntersecting(quotes)
	others = append(dropAroundQuotes(dropIntersecting(others), quotes), quotes...)
	slices.SortStableFunc(others, compareEntities)
	list = slices.Concat(others, splitStyles(styles, others))
	slices.SortStableFunc(list, compareEntities)
	return list
}

// priority is the order of entities that cover the same text.
var priority = [...]int{
	expandableBlockquote: 0, blockquote: 0, pre: 10, code: 20, dateTime: 30, textLink: 49, textMention: 49,
	mention: 50, hashtag: 50, cashtag: 50, botCommand: 50, plainURL: 50, email: 50, phoneNumber: 50,
	bold: 90, italic: 91, underline: 92, strikethrough: 93, spoiler: 94, customEmoji: 99,
}

func compareEntities(a, b entity) int {
	return cmp.Or(a.offset-b.offset, b.length-a.length, priority[a.kind]-priority[b.kind])
}

// apart tells that no two entities of a sorted list touch.
func apart(list []entity) bool {
	for i := 1; i < len(list); i++ {
		if list[i].offset <= list[i-1].end() {
			return false
		}
	}
	return true
}

func dropIntersecting(list []entity) []entity {
	end := 0
	return slices.DeleteFunc(list, func(e entity) bool {
		if e.offset < end {
			return true
		}
		end = e.end()
		return false
	})
}

// dropAroundQuotes drops what is neither in a quote nor outside it.
func dropAroundQuotes(list, quotes []entity) []entity {
	return slices.DeleteFunc(list, func(e entity) bool {
		return slices.ContainsFunc(quotes, func(q entity) bool {
			within := e.offset >= q.offset && e.end() <= q.end()
			outside := e.offset >= q.end() || e.end() <= q.offset
			return !within && !outside
		})
	})
}

// styleRuns are the styles that are on at a point of a text, by style; the end of one that is off is 0.
type styleRuns [spoiler - bold + 1]struct{ begin, end int }

// flush appends the runs up to an offset.
func (r *styleRuns) flush(out []entity, at int) []entity {
	for i := range r {
		run := &r[i]
		if run.end == 0 || run.begin >= at {
			continue
		}
		out = append(out, entity{kind: bold + entityType(i), offset: run.begin, length: min(run.end, at) - run.begin})
		if run.begin = at; run.end <= at {
			run.end = 0
		}
	}
	return out
}

// splitStyles returns the styles that stay beside the other entities. Both lists are sorted.
func splitStyles(styles, others []entity) (out []entity) {
	var runs styleRuns
	advance := func(at int) {
		for ; len(styles) > 0 && styles[0].offset < at; styles = styles[1:] {
			e := styles[0]
			run := &runs[e.kind-bold]
			if run.end != 0 && e.offset <= run.end {
				run.end = max(run.end, e.end())
				continue
			}
			out = runs.flush(out, e.offset)
			run.begin, run.end = e.offset, e.end()
		}
		out = runs.flush(out, at)
	}
	var around []entity
	reach := func(at int) {
		for len(around) > 0 && around[len(around)-1].end() <= at {
			inner, before := around[len(around)-1], len(out)
			advance(inner.end())
			if inner.isCode() {
				out = out[:before]
			}
			around = around[:len(around)-1]
		}
		advance(at)
	}
	for _, e := range others {
		reach(e.offset)
		around = append(around, e)
	}
	reach(math.MaxInt)
	return out
}
