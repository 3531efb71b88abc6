package manage

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/webhook"
)

// posted describes, in the document, what webhooks post.
func (a *API) posted() {
	document := a.huma.OpenAPI()
	least, most := 1, webhook.MaxArray
	header := func(name, text, example string, required bool) *huma.Param {
		return &huma.Param{
			Name: name, In: "header", Description: text, Required: required, Example: example, Schema: &huma.Schema{Type: huma.TypeString},
		}
	}
	document.Webhooks = map[string]*huma.PathItem{"activities": {Post: &huma.Operation{
		OperationID: "post-activities", Tags: []string{"webhooks"}, Method: http.MethodPost,
		Summary: "What became of messages",
		Description: "Posted to the address of each webhook, with its login and password if it has some. " +
			"Only 200 within 10 seconds takes the array. With 429 and 503, Retry-After says when it may come again, within a day; " +
			"410 says that the address is gone for good, and pauses the webhook.",
		Parameters: []*huma.Param{
			header("webhook-id", "Names the array: the same when it is posted again.", "msg_p5jXN8AQM9LWM0D4loKWxJek", true),
			header("webhook-timestamp", "When it was posted, in seconds since 1970.", "1780218000", true),
			header("webhook-signature", "Of `{webhook-id}.{webhook-timestamp}.{body}` by HMAC-SHA256, for each valid secret.",
				"v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=", false),
		},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{
			Type: huma.TypeArray, MinItems: &least, MaxItems: &most,
			Items: document.Components.Schemas.Schema(reflect.TypeFor[webhook.PostedActivity](), true, ""),
		}}}},
		Responses: map[string]*huma.Response{"200": {Description: "The array was taken."}},
		Security:  []map[string][]string{{}},
	}}}
}
