package manage

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/api/problem"
	"bellman/internal/fault"
	"bellman/internal/message"
	"bellman/internal/workspace"
)

type messageView struct {
	ID   int64  `json:"id" example:"1"`
	Name string `json:"name" example:"Spring sale"`
	message.Content
	Sendable  bool            `json:"sendable" doc:"False for a draft, which Telegram would not take: nothing sends it."`
	Faults    []problem.Fault `json:"faults,omitempty" doc:"Of a draft, but not in lists: all that Telegram would refuse, or not show as it was meant."`
	Version   int64           `json:"version" doc:"The number of its newest version: GET /messages/{id}/versions." example:"3"`
	EditedBy  *authorView     `json:"editedBy,omitempty" doc:"Who changed it last; absent for what was changed before that was noted."`
	CreatedAt instant         `json:"createdAt"`
	UpdatedAt instant         `json:"updatedAt"`
}

func viewMessage(m message.Message) messageView {
	return messageView{ID: m.ID, Name: m.Name, Content: m.Content, Sendable: !m.Draft, Faults: viewFaults(m.Faults), Version: m.Revision,
		EditedBy: viewAuthor(m.Author), CreatedAt: utc(m.CreatedAt), UpdatedAt: utc(m.UpdatedAt)}
}

// messageBody is a message in a request: what people edit of it.
type messageBody struct {
	Name string `json:"name" doc:"For the people who work with it; recipients never see it. 1 to 200 characters." example:"Spring sale"`
	message.Content
}

// Drafted is the input of operations that save a message; it is exported for the reason
// given at [ByID].
type Drafted struct {
	Draft bool `query:"draft" doc:"Save it although Telegram would not take it, so that nothing typed is lost: up to 256 KiB of JSON. It is not sendable, and has its faults in the answer, until it is saved without any. Without it such a message is a 422."`
}

type createMessageInput struct {
	Drafted
	Body messageBody
}

type updateMessageInput struct {
	ByID
	IfMatch
	Drafted
	NewVersion bool `query:"newVersion" doc:"Make it a version of its own, also when you saved the one before a moment ago: send it when an earlier version is restored, or one is to be kept."`
	Body       messageBody
}

type deleteMessageInput struct {
	ByID
	IfMatch
}

// unlessMessage refuses the change of a message that is not what the caller has read.
func (in IfMatch) unlessMessage(m message.Message) error {
	return in.check(tagOfMessage(m), func() any { return viewMessage(m) })
}

func tagOfMessage(m message.Message) string { return etag(messageBody{m.Name, m.Content}) }

// taggedMessage is an answer with a message.
func taggedMessage(m message.Message, err error) (*tagged[messageView], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[messageView]{tagOfMessage(m), viewMessage(m)}, nil
}

type checkMessageInput struct{ Body checkMessageBody }

// checkMessageBody is a message in a request to check it.
type checkMessageBody struct {
	Name *string `json:"name,omitempty" doc:"Checked if it is there." example:"Spring sale"`
	message.Content
}

type checkView struct {
	Faults    []problem.Fault `json:"faults" nullable:"false" doc:"All that Telegram would refuse, or not show as it was meant; none when the message is good."`
	Variables []string        `json:"variables" nullable:"false" doc:"The values that are written out without a default: where one is missing, the text has a gap." example:"[\"contact.firstName\"]"`
	Links     []countedLink   `json:"links" nullable:"false" doc:"The links whose clicks are counted."`
}

type translateMessageInput struct{ Body message.Content }

type translationView struct {
	Content      message.Content `json:"content" doc:"The message in Liquid and in Telegram's HTML."`
	Untranslated []problem.Fault `json:"untranslated" nullable:"false" doc:"What stays as it is: where, why, and what to do. POST /messages/check tells whether the result is a message."`
}

type variablesView struct {
	Items []variableView `json:"items" nullable:"false" doc:"Those of every contact, then the custom fields, oldest first."`
}

type variableView struct {
	Name  string `json:"name" doc:"How it is written: {{ NAME }}." example:"contact.fields.loyalty_card"`
	Type  string `json:"type" enum:"text,number,date,boolean"`
	Field string `json:"field,omitempty" doc:"The name of the custom field that it is; absent for another value." example:"Loyalty card"`
	// FieldID goes with Field.
	FieldID int64 `json:"fieldId,omitempty" doc:"The id of that field." example:"1"`
}

type countedLink struct {
	Target   string `json:"target" doc:"Where it leads." example:"https://shop.example/sale"`
	Button   string `json:"button,omitempty" doc:"The text of its button; absent for a link in the text." example:"To the shop"`
	Language string `json:"language,omitempty" doc:"The version that it is in." example:"en"`
	Address  string `json:"address,omitempty" doc:"Where whoever followed it today would come out, with UTM parameters; the ids of the message, the campaign and the contact stand as 0. Absent while a value in the target decides." example:"https://shop.example/sale?utm_source=bellman-promo"`
}

func (a *API) messages() {
	register(a, huma.Operation{
		OperationID: "create-message", Method: http.MethodPost, Path: "/messages", Tags: []string{"messages"},
		Summary: "Write a message", Description: "It is saved only if Telegram would take it, or as a draft.", DefaultStatus: http.StatusCreated,
	}, func(ctx context.Context, workspaceID int64, in *createMessageInput) (*tagged[messageView], error) {
		return taggedMessage(a.Messages.Write(ctx, workspaceID,
			message.Edit{Name: in.Body.Name, Content: in.Body.Content, Draft: in.Draft}))
	})
	register(a, huma.Operation{
		OperationID: "get-message", Method: http.MethodGet, Path: "/messages/{id}", Tags: []string{"messages"},
		Summary: "Get a message",
	}, func(ctx context.Context, workspaceID int64, in *ByID) (*tagged[messageView], error) {
		return taggedMessage(a.Messages.Get(ctx, workspaceID, in.ID))
	})
	register(a, huma.Operation{
		OperationID: "update-message", Method: http.MethodPut, Path: "/messages/{id}", Tags: []string{"messages"},
		Summary: "Replace a message",
		Description: "Campaigns that were launched keep the content they were launched with. " +
			"What changes something is a version: what one person saves within ten minutes from the first is one, so that an editor may " +
			"save as often as it likes; each save of a key is one. Saving what is there already changes nothing.",
	}, func(ctx context.Context, workspaceID int64, in *updateMessageInput) (*tagged[messageView], error) {
		return taggedMessage(a.Messages.Save(ctx, workspaceID, in.ID, message.Edit{
			Name: in.Body.Name, Content: in.Body.Content, Draft: in.Draft, Anew: in.NewVersion, Unless: in.unlessMessage,
		}))
	})
	register(a, huma.Operation{
		OperationID: "delete-message", Method: http.MethodDelete, Path: "/messages/{id}", Tags: []string{"messages"},
		Summary: "Delete a message",
		Description: "For good, with its versions. What was sent of it stays on record. While a campaign is still to send it, it is a 409, " +
			"message_in_use; drafts of campaigns do not hold it, and cannot be launched without it.",
		DefaultStatus: http.StatusNoContent,
	}, func(ctx context.Context, workspaceID int64, in *deleteMessageInput) (*struct{}, error) {
		return nil, a.Messages.DeleteUnless(ctx, workspaceID, in.ID, in.unlessMessage)
	})
	register(a, huma.Operation{
		OperationID: "list-variables", Method: http.MethodGet, Path: "/messages/variables", Tags: []string{"messages"},
		Summary:     "List the values that a message can have in it",
		Description: "What comes with triggered sends, data.…, is not among them.",
	}, a.listVariables)
	register(a, huma.Operation{
		OperationID: "check-message", Method: http.MethodPost, Path: "/messages/check", Tags: []string{"messages"},
		Summary:     "Check a message without saving it",
		Description: "Tells everything that Telegram would refuse, which values it needs, and which of its links are counted.",
	}, a.checkMessage)
	register(a, huma.Operation{
		OperationID: "translate-message", Method: http.MethodPost, Path: "/messages/translate", Tags: []string{"messages"},
		Summary: "Translate a message from the syntax of another system",
		Description: "Velocity ($!data.get('name'), #if, #foreach, #set), %FIRSTNAME|friend%, {name}, ${name}, *|FNAME|*, **bold**, " +
			"__underlined__ and [links](https://shop.example) become Liquid and Telegram's HTML. Nothing is saved.",
	}, a.translateMessage)
}

func (a *API) checkMessage(ctx context.Context, workspaceID int64, in *checkMessageInput) (*answer[checkView], error) {
	faults, err := a.Messages.Faults(ctx, workspaceID, in.Body.Content)
	if err != nil {
		return nil, err
	}
	out := checkView{Faults: []problem.Fault{}, Variables: []string{}, Links: []countedLink{}}
	if name := in.Body.Name; name != nil {
		if f, wrong := errors.AsType[*fault.Error](message.CheckName(strings.TrimSpace(*name))); wrong {
			faults = append([]*fault.Error{f}, faults...)
		}
	}
	if len(faults) > 0 {
		out.Faults = viewFaults(faults)
		return &answer[checkView]{out}, nil
	}
	template, err := message.Compile(in.Body.Content)
	if err != nil {
		return nil, err
	}
	out.Variables = append(out.Variables, template.Required()...)
	out.Links, err = a.viewLinks(ctx, workspaceID, in.Body, template.Links())
	return &answer[checkView]{out}, err
}

// viewLinks returns the counted links of a message with where each would lead today.
func (a *API) viewLinks(ctx context.Context, workspaceID int64, of checkMessageBody, links []message.Link) ([]countedLink, error) {
	w, err := a.Workspaces.Find(ctx, workspaceID)
	if of.NoUTM {
		w.UTM = workspace.UTM{}
	}
	views := make([]countedLink, len(links))
	for i, l := range links {
		views[i] = countedLink{Target: l.Target, Button: l.Button, Language: l.Language}
		// Where Liquid is in it, nobody knows before it is written for somebody.
		if to, ok := message.WebAddress(l.Target); ok && !strings.Contains(l.Target, "{{") && !strings.Contains(l.Target, "{%") {
			o := workspace.Occasion{MessageTags: of.Tags, Language: l.Language, LaunchedAt: a.Now()}
			if of.Name != nil {
				o.MessageName = strings.TrimSpace(*of.Name)
			}
			views[i].Address = w.UTM.Add(to, &o)
		}
	}
	return views, err
}

func (a *API) listVariables(ctx context.Context, workspaceID int64, _ *struct{}) (*answer[variablesView], error) {
	all, err := a.Messages.Variables(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	out := variablesView{Items: make([]variableView, len(all))}
	for i, v := range all {
		out.Items[i] = variableView{v.Name, string(v.Type), v.Field, v.FieldID}
	}
	return &answer[variablesView]{out}, nil
}

func (a *API) translateMessage(_ context.Context, _ int64, in *translateMessageInput) (*answer[translationView], error) {
	content, left := message.Translate(in.Body)
	out := translationView{Content: content, Untranslated: []problem.Fault{}}
	out.Untranslated = append(out.Untranslated, viewFaults(left)...)
	return &answer[translationView]{out}, nil
}

func viewFaults(faults []*fault.Error) (views []problem.Fault) {
	for _, f := range faults {
		views = append(views, problem.FaultOf(f))
	}
	return views
}
