package manage

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/contact"
	"bellman/internal/message"
)

type previewInput struct {
	ByID
	Body ReaderBody
}

type previewContentInput struct {
	Body struct {
		ReaderBody
		Content message.Content `json:"content" doc:"The message, which may not be saved yet."`
	}
}

// ReaderBody is for whom a message is shown; it is exported for the reason given at [ByID].
type ReaderBody struct {
	ContactID    int64  `json:"contactId,omitempty" minimum:"1" maximum:"9007199254740991" doc:"Whose values are merged in; without it, nobody's." example:"1"`
	Data         object `json:"data,omitempty" doc:"Values as a triggered send brings them along."`
	LanguageCode string `json:"languageCode,omitempty" maxLength:"35" doc:"The version to show; without it, the contact's." example:"uk"`
}

type shownView struct {
	Method     string          `json:"method" doc:"The Bot API method that would send it." example:"sendMessage"`
	Parameters json.RawMessage `json:"parameters" doc:"The parameters of that call, but for the chat. Links are shown as they are written: their counting addresses are made for each recipient."`
	Missing    []string        `json:"missing" nullable:"false" doc:"The values that it writes out without a default and that are not there." example:"[\"contact.firstName\"]"`
}

type testInput struct {
	ByID
	Body struct {
		BotID      int64       `json:"botId" minimum:"1" maximum:"9007199254740991" doc:"The bot that sends." example:"1"`
		Recipients []addressee `json:"recipients" nullable:"false" minItems:"1" maxItems:"20" doc:"Who gets it: colleagues, as a rule."`
	}
}

func (a *API) previews() {
	register(a, huma.Operation{
		OperationID: "preview-message", Method: http.MethodPost, Path: "/messages/{id}/preview", Tags: []string{"messages"},
		Summary: "Show a message as one contact would get it", Description: "Nothing is sent.",
	}, a.previewMessage)
	register(a, huma.Operation{
		OperationID: "preview-content", Method: http.MethodPost, Path: "/messages/preview", Tags: []string{"messages"},
		Summary: "Show what is not saved yet as one contact would get it", Description: "Nothing is saved, nothing is sent.",
	}, a.previewContent)
	register(a, huma.Operation{
		OperationID: "test-message", Method: http.MethodPost, Path: "/messages/{id}/test", Tags: []string{"messages"},
		Summary:     "Send a message to some, as a test",
		Description: "Now, before every broadcast. Test sends are a triggered campaign of their own, marked as test.",
	}, a.testMessage)
}

func (a *API) previewMessage(ctx context.Context, workspaceID int64, in *previewInput) (*answer[shownView], error) {
	person, err := a.reader(ctx, workspaceID, in.Body)
	if err != nil {
		return nil, err
	}
	shown, err := a.Messages.Preview(ctx, workspaceID, in.ID, person)
	if err != nil {
		return nil, err
	}
	return &answer[shownView]{viewShown(shown)}, nil
}

func (a *API) previewContent(ctx context.Context, workspaceID int64, in *previewContentInput) (*answer[shownView], error) {
	person, err := a.reader(ctx, workspaceID, in.Body.ReaderBody)
	if err != nil {
		return nil, err
	}
	shown, err := a.Messages.PreviewContent(ctx, workspaceID, in.Body.Content, person)
	if err != nil {
		return nil, err
	}
	return &answer[shownView]{viewShown(shown)}, nil
}

func viewShown(s message.Shown) shownView {
	return shownView{Method: s.Method, Parameters: s.Parameters, Missing: append([]string{}, s.Missing...)}
}

// reader returns the values of the person for whom a message is shown.
func (a *API) reader(ctx context.Context, workspaceID int64, in ReaderBody) (message.Person, error) {
	person := message.Person{}
	if in.ContactID != 0 {
		c, _, err := a.Contacts.Get(ctx, workspaceID, in.ContactID)
		if err != nil {
			return person, err
		}
		person = personOf(c)
	}
	person.Data, person.Language = json.RawMessage(in.Data), in.LanguageCode
	return person, nil
}

// personOf returns the values of a contact that a message may contain.
func personOf(c contact.Contact) message.Person {
	person := message.Person{
		ContactID: c.ID, ExternalCustomerID: c.ExternalCustomerID, Phone: c.Phone, Email: c.Email,
		FirstName: c.FirstName, LastName: c.LastName, LanguageCode: c.LanguageCode, TimeZone: c.TimeZone,
	}
	for id, value := range c.Fields {
		person.Fields = append(person.Fields, message.FieldValue{FieldID: id, Value: value})
	}
	return person
}

func (a *API) testMessage(ctx context.Context, workspaceID int64, in *testInput) (*answer[receiptsView], error) {
	trigger := triggerOf(in.Body.BotID, in.Body.Recipients)
	trigger.Test = true
	return receipted(a.Triggers.Send(ctx, workspaceID, in.ID, trigger))
}
