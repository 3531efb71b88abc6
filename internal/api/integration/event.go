package integration

import (
	"net/http"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/event"
)

func (a *API) eventCalls() []call {
	return []call{
		{
			method: http.MethodPost, path: "/event", area: access.AreaEvents, handle: a.addEvent,
			versions: eventVersions, pace: paceEvents, browsers: true,
		},
	}
}

// eventVersions are the versions of the API that take events.
var eventVersions = []int{1, 2, 3}

// addEvent serves POST /event, in every version.
func (a *API) addEvent(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	item, err := body.Decode(w, r, decodeEvent)
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
	workspace, err := a.Workspaces.Find(r.Context(), workspaceID)
	if err != nil {
		return nil, err
	}
	return a.Events.Add(r.Context(), workspaceID, workspace.PhoneRegion, items)
}

var errEventMissing = sentence(http.StatusBadRequest, "event_missing", "Event must be specified")

func decodeEvent(v loose.Value) (item event.Item, err error) {
	if v.Empty() {
		return item, errEventMissing
	}
	err = v.Members(func(name string, v loose.Value) error { return decodeEventMember(&item, name, v) })
	return item, err
}

func decodeEventMember(item *event.Item, name string, v loose.Value) (err error) {
	switch name {
	case "eventTypeKey":
		item.Type, err = v.Text()
	case "keyValue":
		item.Key, err = v.Text()
	case "params":
		item.Params, err = decodeEventParams(v)
	}
	return err
}

// decodeEventParams reads parameters; their values stay as written.
func decodeEventParams(v loose.Value) (params []event.Param, err error) {
	err = v.Elements(func(_ int, v loose.Value) error {
		var p event.Param
		err := v.Members(func(name string, v loose.Value) (err error) {
			switch name {
			case "name":
				p.Name, err = v.Text()
			case "value":
				p.Value = v.Raw()
			}
			return err
		})
		params = append(params, p)
		return err
	})
	return params, err
}
