package integration

import (
	"fmt"
	"net/http"
	"time"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/event"
	"bellman/internal/fault"
)

func (a *API) pastEventCalls() []call {
	const path = "/past_events"
	return []call{
		{
			method: http.MethodPost, path: path, area: access.AreaEvents, handle: a.addPastEvents,
			versions: eventVersions, pace: pacePastEvents,
		},
		{
			method: http.MethodDelete, path: path, area: access.AreaEvents, handle: a.deletePastEvents,
			versions: eventVersions, pace: pacePastEventsDelete,
		},
	}
}

// pastEventsAnswer is the answer to past events, in the vendor's words.
type pastEventsAnswer struct {
	Results      []pastEventResult `json:"results"`
	SuccessCount int               `json:"successCount"`
	ErrorCount   int               `json:"errorCount"`
}

type pastEventResult struct {
	Status  string `json:"status"`
	Message string `json:"message,omitempty"`
}

// The vendor's words for the result of a past event, and ours where the vendor has
// none.
//
// spec: past-event-words
const (
	pastAccepted  = "ACCEPTED"
	pastNoDate    = "OCCURRED_DATE_IS_REQUIRED"
	pastBadDate   = "INCORRECT_OCCURRED_DATE_FORMAT"
	pastInFuture  = "OCCURRED_TIME_IN_FUTURE"
	pastTooEarly  = "OCCURRED_TIME_TOO_DEPTH"
	pastIncorrect = "INCORRECT_EVENT"
)

// addPastEvents serves POST /past_events, in every version. A refused event does
// not affect the others.
func (a *API) addPastEvents(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	sent, err := body.DecodeLarge(w, r, decodePastEvents)
	if err != nil {
		return nil, err
	}
	out := pastEventsAnswer{Results: make([]pastEventResult, len(sent))}
	var (
		good   []event.Item
		places []int
	)
	for i, e := range sent {
		if out.Results[i].Status = e.refused; e.refused == "" {
			good, places = append(good, e.item), append(places, i)
		}
	}
	results, err := a.tell(r, workspaceID, good)
	if err != nil {
		return nil, err
	}
	for n, i := range places {
		out.Results[i] = showPast(good[n], results[n].Err)
	}
	for _, p := range out.Results {
		if p.Status == pastAccepted {
			out.SuccessCount++
		} else {
			out.ErrorCount++
		}
	}
	return out, nil
}

func showPast(item event.Item, err error) pastEventResult {
	switch {
	case err == nil:
		return pastEventResult{Status: pastAccepted}
	case !fault.Is(err, "occurred_invalid"):
		return pastEventResult{pastIncorrect, err.Error()}
	case item.OccurredAt.Before(time.Unix(1, 0)):
		return pastEventResult{pastTooEarly, err.Error()}
	}
	return pastEventResult{pastInFuture, err.Error()}
}

// spec: past-event-limit
var (
	errEventsMissing = sentence(http.StatusBadRequest, "events_missing", "Events must be specified")
	errTooManyEvents = sentence(http.StatusBadRequest, "too_many_events", fmt.Sprintf("At most %d events per request", event.MaxItems))
)

// sentEvent is a past event in a request.
type sentEvent struct {
	item event.Item
	// refused is the word that refuses it for its date; empty for none.
	refused string
}

func decodePastEvents(v loose.Value) (sent []sentEvent, err error) {
	err = v.Members(func(name string, v loose.Value) error {
		if name != "events" {
			return nil
		}
		sent = nil
		return v.Elements(func(_ int, v loose.Value) error {
			if len(sent) == event.MaxItems {
				return errTooManyEvents
			}
			e, err := decodePastEvent(v)
			sent = append(sent, e)
			return err
		})
	})
	if err == nil && len(sent) == 0 {
		err = errEventsMissing
	}
	return sent, err
}

func decodePastEvent(v loose.Value) (e sentEvent, err error) {
	e.item.Past, e.refused = true, pastNoDate
	err = v.Members(func(name string, v loose.Value) error {
		if name != "occurred" {
			return decodeEventMember(&e.item, name, v)
		}
		s, err := v.Text()
		if err != nil || s == "" {
			return err
		}
		e.refused = ""
		if e.item.OccurredAt, _, err = loose.ParseTime(s); err != nil {
			e.refused = pastBadDate
		}
		return nil
	})
	return e, err
}

var errPeriod = sentence(http.StatusBadRequest, "period_missing", "from and to must be specified, such as 2026-03-01T15:04")

// deletePastEvents serves DELETE /past_events. It is the only DELETE with a body:
// the period, which includes both ends. The query may contain it instead.
func (a *API) deletePastEvents(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	sent := period{from: r.URL.Query().Get("from"), to: r.URL.Query().Get("to")}
	sent, err := body.Decode(w, r, sent.decode)
	if err != nil {
		return nil, err
	}
	events, err := sent.events()
	if err != nil {
		return nil, err
	}
	if _, err := a.Events.DeletePast(r.Context(), workspaceID, events); err != nil {
		return nil, err
	}
	return nothing, nil
}

// period is a range of past events in a request.
type period struct{ from, to, eventType string }

// decode returns the period with the values from the body.
func (p period) decode(v loose.Value) (period, error) {
	err := v.Members(func(name string, v loose.Value) (err error) {
		switch name {
		case "from":
			p.from, err = v.Text()
		case "to":
			p.to, err = v.Text()
		case "eventTypeKey":
			p.eventType, err = v.Text()
		}
		return err
	})
	return p, err
}

// events returns the range of the period, which includes the day, minute or second
// of its end.
func (p period) events() (events event.Range, err error) {
	events.Type = p.eventType
	var unit time.Duration
	if events.From, _, err = loose.ParseTime(p.from); err != nil {
		return events, errPeriod
	}
	if events.To, unit, err = loose.ParseTime(p.to); err != nil {
		return events, errPeriod
	}
	events.To = events.To.Add(unit)
	return events, nil
}
