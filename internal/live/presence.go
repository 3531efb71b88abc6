package live

import (
	"cmp"
	"slices"
	"time"
)

const (
	// stays is for how long somebody is where they said that they are, unless they say it
	// again.
	stays = 45 * time.Second
	// mostVisits is how many a process remembers; of more, nobody is told.
	mostVisits = 20_000
)

// Visitor is a person who has something open.
type Visitor struct {
	UserID int64  `json:"user"`
	Name   string `json:"name"`
}

// visit is that somebody has a thing of a workspace open.
type visit struct {
	WorkspaceID int64  `json:"workspace"`
	Of          Change `json:"of"`
	Visitor
}

// place is what a visit is of.
type place struct {
	workspaceID int64
	of          Change
}

// visits are who has what open, and when they last said so.
type visits struct {
	at map[place]map[int64]seenVisitor
	// swept is when those who have left were forgotten last.
	swept time.Time
}

type seenVisitor struct {
	name string
	at   time.Time
}

// note remembers a visit.
func (v *visits) note(one visit, now time.Time) {
	if now.Sub(v.swept) > stays {
		v.sweep(now)
	}
	at := place{one.WorkspaceID, one.Of}
	if v.at[at] == nil {
		if len(v.at) >= mostVisits {
			return
		}
		v.at[at] = map[int64]seenVisitor{}
	}
	v.at[at][one.UserID] = seenVisitor{one.Name, now}
}

// sweep forgets those who have not said for a while that they are there.
func (v *visits) sweep(now time.Time) {
	v.swept = now
	for at, people := range v.at {
		for id, p := range people {
			if now.Sub(p.at) > stays {
				delete(people, id)
			}
		}
		if len(people) == 0 {
			delete(v.at, at)
		}
	}
}

// others returns who else is there, by name.
func (v *visits) others(at place, but int64, now time.Time) []Visitor {
	var all []Visitor
	for id, p := range v.at[at] {
		if id != but && now.Sub(p.at) <= stays {
			all = append(all, Visitor{id, p.name})
		}
	}
	slices.SortFunc(all, func(a, b Visitor) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.UserID, b.UserID)) })
	return all
}

// Visit notes that a person has something open, and returns who else has, in whichever
// process they said so. It is forgotten after 45 s unless it is said again, and is written
// nowhere. A nil hub knows nobody.
func (h *Hub) Visit(workspaceID int64, of Change, who Visitor) []Visitor {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	one := visit{workspaceID, of, who}
	h.visits.note(one, h.Now())
	if len(h.visited) < mostVisits {
		h.visited = append(h.visited, one)
	}
	return h.visits.others(place{workspaceID, of}, who.UserID, h.Now())
}
