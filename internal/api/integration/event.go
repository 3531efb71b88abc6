package integration

import (
	"net/http"
	"time"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/event"
	"bellman/internal/fault"
)

func (a *API) eventCalls() []call {
	all := []int{1, 2, 3}
	return []call{
		{method: http.MethodPost, path: "/event", area: access.AreaEvents, handle: a.addEvent, versions: all, pace: paceEvents, browsers: true},
		{method: http.MethodPost, path: "/past_events", area: access.AreaEvents, handle: a.addPastEvents, versions: all, pace: pacePastEvents},
		{method: http.MethodDelete, path: "/past_events", area: access.AreaEvents, handle: a.deletePastEvents, versions: all, pace: pacePastEventsDelete},
	}
}

// addEvent serves POST /event, in every version.
func (a *API) addEvent(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	raw, err := body.Read(w, r)
	if err != nil {
		return nil, err
	}
	item, err := decodeEvent(raw)
	if err != nil {
		return nil, err
	}
	results, err := a.tell(r, workspaceID, []event.Item{item})
	if err == nil {
		err = results[0].Err
	}
	return nothing, err
}

func (a *API) tell(r *http.Request, workspaceID int64, items []event.Item) ([]event.Result, error) {
	workspace, err := a.Access.Workspace(r.Context(), workspaceID)
	if err != nil {
		return nil, err
	}
	return a.Events.Add(r.Context(), workspaceID, workspace.PhoneRegion, items)
}

var errEventMissing = sentence(http.StatusBadRequest, "event_missing", "Event must be specified")

func decodeEvent(raw []byte) (item event.Item, err error) {
	if len(raw) == 0 {
		return item, errEventMissing
	}
	err = members(raw, func(name string, value []byte) error { return decodeEventMember(&item, name, value) })
	return item, shaped(err)
}

func decodeEventMember(item *event.Item, name string, value []byte) (err error) {
	switch name {
	case "eventTypeKey":
		item.Type, err = text(value)
	case "keyValue":
		item.Key, err = text(value)
	case "params":
		item.Params, err = decodeEventParams(value)
	}
	return err
}

// decodeEventParams reads parameters; their values are kept as they are written.
func decodeEventParams(raw []byte) (params []event.Param, err error) {
	return params, elements(raw, func(_ int, value []byte) error {
		var p event.Param
		err := members(value, func(name string, value []byte) (err error) {
			switch name {
			case "name":
				p.Name, err = text(value)
			case "value":
				p.Value = value
			}
			return err
		})
		params = append(params, p)
		return err
	})
}

// pastEvents is the answer to past events, in the vendor's words.
type pastEvents struct {
	Results      []pastEvent `json:"results"`
	SuccessCount int         `json:"successCount"`
	ErrorCount   int         `json:"errorCount"`
}

type pastEvent struct {
	Status  string `json:"status"`
	Message string `json:"message,omitempty"`
}

// The vendor's words for what became of a past event, and ours for what it has no
// word for.
const (
	pastAccepted  = "ACCEPTED"
	pastNoDate    = "OCCURRED_DATE_IS_REQUIRED"
	pastBadDate   = "INCORRECT_OCCURRED_DATE_FORMAT"
	pastInFuture  = "OCCURRED_TIME_IN_FUTURE"
	pastTooEarly  = "OCCURRED_TIME_TOO_DEPTH"
	pastIncorrect = "INCORRECT_EVENT"
)

// addPastEvents serves POST /past_events, in every version. An event that is
// refused holds up no other.
func (a *API) addPastEvents(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	raw, err := body.ReadLarge(w, r)
	if err != nil {
		return nil, err
	}
	items, refused, err := decodePastEvents(raw)
	if err != nil {
		return nil, err
	}
	out := pastEvents{Results: make([]pastEvent, len(items))}
	var (
		good   []event.Item
		places []int
	)
	for i := range items {
		if out.Results[i].Status = refused[i]; refused[i] == "" {
			good, places = append(good, items[i]), append(places, i)
		}
	}
	results, err := a.tell(r, workspaceID, good)
	if err != nil {
		return nil, err
	}
	for n, i := range places {
		out.Results[i] = showPast(items[i], results[n].Err)
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

func showPast(item event.Item, err error) pastEvent {
	switch {
	case err == nil:
		return pastEvent{Status: pastAccepted}
	case !fault.Is(err, "occurred_invalid"):
		return pastEvent{pastIncorrect, err.Error()}
	case item.OccurredAt.Before(time.Unix(1, 0)):
		return pastEvent{pastTooEarly, err.Error()}
	}
	return pastEvent{pastInFuture, err.Error()}
}

var (
	errEventsMissing = sentence(http.StatusBadRequest, "events_missing", "Events must be specified")
	errTooManyEvents = sentence(http.StatusBadRequest, "too_many_events", "At most 500 events per request")
)

// decodePastEvents reads past events, and for each the word that refuses it for
// its date, or none.
func decodePastEvents(raw []byte) (items []event.Item, refused []string, err error) {
	if len(raw) == 0 {
		return nil, nil, errEventsMissing
	}
	err = members(raw, func(name string, value []byte) error {
		if name != "events" {
			return nil
		}
		items, refused = nil, nil
		return elements(value, func(_ int, value []byte) error {
			if len(items) == event.MaxItems {
				return errTooManyEvents
			}
			item, word, err := decodePastEvent(value)
			items, refused = append(items, item), append(refused, word)
			return err
		})
	})
	if err == nil && len(items) == 0 {
		err = errEventsMissing
	}
	return items, refused, shaped(err)
}

func decodePastEvent(raw []byte) (item event.Item, refused string, err error) {
	item.Past = true
	refused = pastNoDate
	err = members(raw, func(name string, value []byte) error {
		if name != "occurred" {
			return decodeEventMember(&item, name, value)
		}
		s, err := text(value)
		if err != nil || s == "" {
			return err
		}
		refused = ""
		if item.OccurredAt, _, err = parseMoment(s); err != nil {
			refused = pastBadDate
		}
		return nil
	})
	return item, refused, err
}

var errPeriod = sentence(http.StatusBadRequest, "period_missing", "from and to must be specified, such as 2026-03-01T15:04")

// deletePastEvents serves DELETE /past_events. It is the one DELETE whose body
// counts: the period, both ends of which are in it. The query may hold it as well.
func (a *API) deletePastEvents(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	raw, err := body.Read(w, r)
	if err != nil {
		return nil, err
	}
	period, err := decodePeriod(raw, r.URL.Query().Get("from"), r.URL.Query().Get("to"))
	if err != nil {
		return nil, err
	}
	if _, err := a.Events.DeletePast(r.Context(), workspaceID, period); err != nil {
		return nil, err
	}
	return nothing, nil
}

func decodePeriod(raw []byte, from, to string) (period event.Range, err error) {
	if len(raw) > 0 {
		err = members(raw, func(name string, value []byte) (err error) {
			switch name {
			case "from":
				from, err = text(value)
			case "to":
				to, err = text(value)
			case "eventTypeKey":
				period.Type, err = text(value)
			}
			return err
		})
		if err != nil {
			return period, shaped(err)
		}
	}
	var unit time.Duration
	if period.From, _, err = parseMoment(from); err != nil {
		return period, errPeriod
	}
	if period.To, unit, err = parseMoment(to); err != nil {
		return period, errPeriod
	}
	period.To = period.To.Add(unit)
	return period, nil
}
