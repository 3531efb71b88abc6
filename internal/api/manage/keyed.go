package manage

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"bellman/internal/api/problem"
	"bellman/internal/idempotency"
)

// unkeyed are the POSTs that take no idempotency key: those that only ask; the
// uploads, whose bodies are too large to be compared; and those that take or answer a
// secret, because answers under a key are kept. They are harmless to repeat: the same
// bytes are the same file, contacts that are imported twice are the same ones, earlier
// secrets of webhooks go on signing, a link takes the place of the one before it, a
// key that is one too many can be revoked, and who is erased stays so.
var unkeyed = []string{"be-present", "check-message", "translate-message", "preview-message", "preview-content",
	"probe-webhook", "rotate-webhook-secret",
	"upload-media", "upload-import", "look-at-import", "sign-in", "confirm-session",
	"leave-to-enter", "enter-by-provider", "leave-to-confirm", "confirm-by-provider", "leave-to-connect", "connect-provider",
	"begin-passkey", "add-passkey", "begin-entry", "enter-by-passkey", "confirm-by-passkey",
	"draft-authenticator", "confirm-authenticator", "renew-recovery-codes", "change-password", "look-at-link", "accept-link",
	"judge-password", "forgot-password",
	"make-reset-link",
	"invite", "create-key", "rotate-key", "erase-contact"}

// keyed makes an operation take an idempotency key, and says so in the document.
func (a *API) keyed(op *huma.Operation) {
	least, most := 1, idempotency.MaxKey
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: idempotency.Header, In: "header",
		Description: "A name for this request, of your own making: within 24 hours the same request under the same key does nothing " +
			"and gets the first answer again. Another request under it is 422, and one that comes before the first is answered 409.",
		Schema:  &huma.Schema{Type: huma.TypeString, MinLength: &least, MaxLength: &most, Pattern: "^[ -~]+$"},
		Example: "order-4711-paid",
	})
	op.Middlewares = append(op.Middlewares, func(c huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(c)
		a.Once(w, r, func(w http.ResponseWriter, r *http.Request) { next(humago.NewContext(c.Operation(), r, w)) },
			func(err error) { problem.Write(w, problem.Report(r.Context(), a.Log, err)) })
	})
}
