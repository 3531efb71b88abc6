package integration

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/api/loose"
	"bellman/internal/contact"
)

func (a *API) emailCalls() []call {
	return []call{
		{method: http.MethodGet, path: "/contacts/email", area: access.AreaContactsRead, handle: a.listEmails},
		{method: http.MethodPost, path: "/emails/unsubscribed/add", area: access.AreaContactsWrite, handle: a.unsubscribe},
		{method: http.MethodPost, path: "/emails/unsubscribed/delete", area: access.AreaContactsWrite, handle: a.resubscribe},
	}
}

type emailObject struct {
	ContactID int64  `json:"contactId"`
	Email     string `json:"email"`
}

// listEmails serves GET /contacts/email?ids=1,2.
func (a *API) listEmails(_ http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	var wanted []int64
	for _, part := range strings.FieldsFunc(r.URL.Query().Get("ids"), func(c rune) bool { return c == ',' || c == ' ' }) {
		id, err := contact.Reader{}.ContactID(part)
		if err != nil {
			return nil, body.Shaped(loose.Inside("ids", loose.Want(fmt.Sprintf("whole numbers from 1 to %d", contact.MaxID))))
		}
		wanted = append(wanted, id)
	}
	if len(wanted) == 0 {
		return nil, sentence(http.StatusBadRequest, "ids_missing", "ids must be specified")
	}
	emails, err := a.Contacts.Emails(r.Context(), workspaceID, wanted)
	if err != nil {
		return nil, err
	}
	out := make([]emailObject, len(emails))
	for i, e := range emails {
		out[i] = emailObject{e.ContactID, e.Email}
	}
	return map[string]any{"results": loneOr(out)}, nil
}

// unsubscribe serves POST /emails/unsubscribed/add.
func (a *API) unsubscribe(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	return changeUnsubscribed(w, r, workspaceID, a.Contacts.Unsubscribe)
}

// resubscribe serves POST /emails/unsubscribed/delete.
func (a *API) resubscribe(w http.ResponseWriter, r *http.Request, workspaceID int64) (any, error) {
	return changeUnsubscribed(w, r, workspaceID, a.Contacts.Resubscribe)
}

func changeUnsubscribed(w http.ResponseWriter, r *http.Request, workspaceID int64,
	change func(ctx context.Context, workspaceID int64, emails []string) (int, error),
) (any, error) {
	emails, err := body.Decode(w, r, decodeEmails)
	if err != nil {
		return nil, err
	}
	if _, err := change(r.Context(), workspaceID, emails); err != nil {
		return nil, err
	}
	return nothing, nil
}

var errEmailsMissing = sentence(http.StatusBadRequest, "emails_missing", "Emails must be specified")

func decodeEmails(v loose.Value) (emails []string, err error) {
	err = v.Members(func(name string, v loose.Value) (err error) {
		if name == "emails" {
			emails, err = v.Texts()
		}
		return err
	})
	if err == nil && len(emails) == 0 {
		err = errEmailsMissing
	}
	return emails, err
}
