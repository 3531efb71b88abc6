package manage

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/access"
)

// needed is what a caller needs for an operation, and whether the audit log tells of it.
type needed struct {
	right access.Right
	// fresh says that a person has to have given the password a moment ago: what follows
	// cannot be taken back, or gives power to others.
	fresh bool
	// quiet says why the audit log does not tell of an operation that is no GET; empty of
	// those of which it does. With ofKeys, it tells of what people do.
	quiet  string
	ofKeys bool
	// told says that the audit log tells of an operation that is a GET.
	told bool
	// act and path are the operation's, told by [API.need].
	act, path string
}

// fresh marks an operation that asks for the password.
func fresh(r access.Right) needed { return needed{right: r, fresh: true} }

func plain(r access.Right) needed { return needed{right: r} }

// unaudited leaves an operation out of the audit log.
func (n needed) unaudited(why string) needed {
	n.quiet = why
	return n
}

// unauditedOfKeys leaves out what systems do.
func (n needed) unauditedOfKeys(why string) needed {
	n.quiet, n.ofKeys = why, true
	return n
}

// audited has the audit log tell of a GET.
func (n needed) audited() needed {
	n.told = true
	return n
}

// isTold reports whether the audit log tells what the caller does by the operation.
func (n needed) isTold(ctx context.Context) bool {
	if !n.told || !n.ofKeys {
		return n.told
	}
	c, err := access.From(ctx)
	return err == nil && c.User != nil
}

// Why the audit log does not tell of some operations.
const (
	asks  = "it changes nothing"
	feeds = "systems do it all day, as they do by the integration API"
)

// rights are what each operation needs. One that is missing keeps the program from
// starting. What the parts of the integration API need stands beside their calls: only
// keys call them.
var rights = map[string]needed{
	"sign-in": plain(access.Nobody), "get-session": plain(access.Self), "choose-workspace": plain(access.Self),
	"sign-out": plain(access.Self), "confirm-session": plain(access.Self),
	"list-sessions": plain(access.Self), "end-session": plain(access.Self), "end-other-sessions": plain(access.Self),
	"get-me": plain(access.Self), "update-me": plain(access.Self), "change-password": plain(access.Self),
	"draft-authenticator": fresh(access.Self), "confirm-authenticator": plain(access.Self), "remove-authenticator": fresh(access.Self),
	"renew-recovery-codes": fresh(access.Self), "remove-users-authenticator": fresh(access.Govern),
	"list-passkeys": plain(access.Self), "begin-passkey": fresh(access.Self).unaudited(asks), "add-passkey": fresh(access.Self),
	"remove-passkey": fresh(access.Self), "begin-entry": plain(access.Nobody).unaudited(asks), "enter-by-passkey": plain(access.Nobody),
	"confirm-by-passkey": plain(access.Self),
	"list-ways-in":       plain(access.Nobody), "leave-to-enter": plain(access.Nobody).unaudited(asks),
	"enter-by-provider": plain(access.Nobody),
	"leave-to-confirm":  plain(access.Self).unaudited(asks), "confirm-by-provider": plain(access.Self),
	"list-accounts": plain(access.Self), "leave-to-connect": fresh(access.Self).unaudited(asks), "connect-provider": fresh(access.Self),
	"disconnect-provider": fresh(access.Self),
	"list-providers":      plain(access.Install), "create-provider": fresh(access.Install), "update-provider": fresh(access.Install),
	"delete-provider": fresh(access.Install),
	"look-at-link":    plain(access.Nobody).unaudited(asks), "accept-link": plain(access.Nobody),
	"forgot-password": plain(access.Nobody).unaudited("what is done by the link is told"),
	"judge-password":  plain(access.Nobody).unaudited(asks),

	"list-users": plain(access.Govern), "change-role": fresh(access.Govern), "remove-user": fresh(access.Govern),
	"make-reset-link": fresh(access.Govern), "end-users-sessions": fresh(access.Govern),
	"list-invitations": plain(access.Govern), "invite": fresh(access.Govern), "withdraw-invitation": plain(access.Govern),
	"list-keys": plain(access.Govern), "create-key": fresh(access.Govern),
	"update-key": fresh(access.Govern), "rotate-key": fresh(access.Govern), "revoke-key": fresh(access.Govern),

	"list-audit": plain(access.Govern), "export-audit": plain(access.Govern).audited(), "check-audit": plain(access.Install),

	"list-workspaces": plain(access.Self), "create-workspace": fresh(access.Install),
	"rename-workspace": plain(access.Own), "archive-workspace": fresh(access.Own),
	"set-approval":  fresh(access.Own),
	"get-workspace": plain(access.See), "update-workspace": plain(access.Configure),

	"list-bots": plain(access.See), "get-bot": plain(access.See), "connect-bot": fresh(access.Configure),
	"get-bot-uses": plain(access.See), "disconnect-bot": fresh(access.Configure),
	"update-bot": plain(access.Configure), "pass-update": plain(access.Configure).unaudited("Telegram says it, and a bot passes it on"),
	"list-webhooks": plain(access.Configure), "get-webhook": plain(access.Configure), "create-webhook": fresh(access.Configure),
	"update-webhook": fresh(access.Configure), "delete-webhook": plain(access.Configure),
	"probe-webhook":         plain(access.Configure).unaudited("it asks an address, and lets what waits go on"),
	"rotate-webhook-secret": fresh(access.Configure), "replay-webhook": plain(access.Configure),
	"list-webhook-attempts": plain(access.Configure),

	"list-contacts": plain(access.SeeContacts), "get-contact": plain(access.SeeContacts),
	"list-history":    plain(access.SeeContacts),
	"change-contacts": plain(access.EditContacts),
	"save-contact":    plain(access.EditContacts).unauditedOfKeys(feeds),
	"update-contact":  plain(access.EditContacts).unauditedOfKeys(feeds), "delete-contact": plain(access.EditContacts),
	"set-contact-subscriptions": plain(access.EditContacts).unauditedOfKeys(feeds),
	"export-contact":            fresh(access.Erase).audited(), "erase-contact": fresh(access.Erase), "get-erasure": plain(access.Erase),
	"list-chats": plain(access.SeeContacts),
	"get-chat":   plain(access.SeeContacts), "update-chat": plain(access.EditContacts).unauditedOfKeys(feeds),
	"list-imports": plain(access.EditContacts), "look-at-import": plain(access.EditContacts).unaudited(asks),
	"undo-import": plain(access.EditContacts), "get-refused-rows": plain(access.EditContacts).audited(),
	"upload-import": plain(access.EditContacts), "get-import": plain(access.EditContacts), "list-import-failures": plain(access.EditContacts),
	"list-fields": plain(access.See), "create-field": plain(access.EditContacts), "rename-field": plain(access.EditContacts),
	"delete-field": plain(access.EditContacts),
	"list-groups":  plain(access.See), "get-group": plain(access.See), "create-group": plain(access.EditContacts),
	"rename-group": plain(access.EditContacts), "delete-group": plain(access.EditContacts), "empty-group": plain(access.EditContacts),
	"list-members":     plain(access.SeeContacts),
	"list-group-uses":  plain(access.SeeSent),
	"attach-contacts":  plain(access.EditContacts).unauditedOfKeys(feeds),
	"detach-contacts":  plain(access.EditContacts).unauditedOfKeys(feeds),
	"list-event-types": plain(access.See), "list-events": plain(access.SeeContacts), "get-event": plain(access.SeeContacts),
	"add-event": plain(access.EditContacts).unauditedOfKeys(feeds), "delete-past-events": plain(access.EditContacts),

	"list-media": plain(access.SeeSent), "get-media": plain(access.SeeSent), "get-media-content": plain(access.SeeSent),
	"upload-media": plain(access.Write), "delete-media": plain(access.Write),
	"list-messages": plain(access.SeeSent), "get-message": plain(access.SeeSent), "list-variables": plain(access.SeeSent),
	"list-message-uses": plain(access.SeeSent), "list-message-versions": plain(access.SeeSent), "get-message-version": plain(access.SeeSent),
	"create-message": plain(access.Write), "update-message": plain(access.Write), "delete-message": plain(access.Write),
	"duplicate-message": plain(access.Write), "check-message": plain(access.Write).unaudited(asks),
	"translate-message": plain(access.Write).unaudited(asks),
	"preview-message":   plain(access.Write).unaudited(asks),
	"preview-content":   plain(access.Write).unaudited(asks), "test-message": plain(access.Write),

	"list-campaigns": plain(access.SeeSent), "get-campaign": plain(access.SeeSent), "check-campaign": plain(access.SeeSent),
	"be-present": plain(access.See).unaudited(asks),
	"watch":      plain(access.See), "watch-campaign": plain(access.SeeSent), "list-deliveries": plain(access.SeeSent),
	"get-request": plain(access.SeeSent),
	"list-clicks": plain(access.SeeSent), "list-links": plain(access.SeeSent), "report-stats": plain(access.SeeSent),
	"report-campaign": plain(access.SeeSent), "report-campaign-parts": plain(access.SeeSent), "export-report": plain(access.SeeSent),
	"export-deliveries": plain(access.SeeSent).audited(),
	"create-campaign":   plain(access.Write), "update-campaign": plain(access.Write), "delete-campaign": plain(access.Write),
	"duplicate-campaign": plain(access.Write),
	"launch-campaign":    plain(access.Send), "unschedule-campaign": plain(access.Send), "pause-campaign": plain(access.Send),
	"resume-campaign": plain(access.Send), "cancel-campaign": plain(access.Send), "resend-campaign": plain(access.Send),
	"edit-sent": plain(access.Send), "delete-sent": plain(access.Send),
	"send-message": plain(access.Send).unauditedOfKeys("systems send all day; each message has its delivery"),
}

// need notes what an operation needs, under the pattern by which it is routed, and says
// it in the document.
func (a *API) need(op *huma.Operation) needed {
	n, ok := rights[op.OperationID]
	if !ok {
		panic(fmt.Sprintf("manage: nobody has decided who may call %s: write it into rights", op.OperationID))
	}
	n.act, n.path = op.OperationID, op.Path
	n.told = n.told || op.Method != http.MethodGet && (n.quiet == "" || n.ofKeys)
	a.needs[op.Method+" "+Prefix+op.Path] = n
	if n.right == access.Nobody {
		op.Security = []map[string][]string{{}}
		return n
	}
	if op.Extensions == nil {
		op.Extensions = map[string]any{}
	}
	op.Extensions["x-right"] = string(n.right)
	if n.fresh {
		op.Extensions["x-confirmed"] = true
	}
	return n
}

// needOf returns what the operation at an address needs; not known for one that is none.
func (a *API) needOf(r *http.Request) (n needed, known bool) {
	_, pattern := a.mux.Handler(r)
	n, known = a.needs[pattern]
	return n, known
}

// admit refuses callers who may not do what they ask for. What is at no address, everybody
// who is let in may learn who may see anything.
func (n needed) admit(ctx context.Context, now time.Time, known bool) error {
	if known && n.right == access.Nobody {
		return nil
	}
	c, err := access.From(ctx)
	if err != nil {
		return err
	}
	if !known {
		if c.User != nil {
			return nil
		}
		return c.Allow(access.See)
	}
	if err := c.Allow(n.right); err != nil {
		return err
	}
	if n.fresh {
		return c.Confirmed(now)
	}
	return nil
}
