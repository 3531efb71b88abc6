package manage

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/api/problem"
	"bellman/internal/audience"
	"bellman/internal/contact"
)

// contactView is a contact as it is shown to people.
type contactView struct {
	ProfileView
	Groups     []contactGroupView `json:"groups" nullable:"false" doc:"The groups that it is in, by their ids: the first 100."`
	MoreGroups int                `json:"moreGroups,omitempty" doc:"In how many more groups it is."`
	LeftOut    []gapView          `json:"leftOut,omitempty" doc:"After a save: the phone and email that were sent and that this contact did not get, because another one has them."`
}

// contactGroupView names a group.
type contactGroupView struct {
	ID   int64  `json:"id" example:"1"`
	Name string `json:"name" example:"Regulars"`
}

// ProfileView is what is known of a contact. It is exported for the reason given at [ByID].
type ProfileView struct {
	ID                 int64        `json:"id" example:"1"`
	ExternalCustomerID string       `json:"externalCustomerId,omitempty" doc:"The id in your own system." example:"C-1001"`
	Phone              string       `json:"phone,omitempty" doc:"In E.164." example:"+380501234567"`
	Email              string       `json:"email,omitempty" example:"olena@example.com"`
	FirstName          string       `json:"firstName,omitempty" example:"Olena"`
	LastName           string       `json:"lastName,omitempty" example:"Koval"`
	LanguageCode       string       `json:"languageCode,omitempty" example:"uk"`
	TimeZone           string       `json:"timeZone,omitempty" example:"Europe/Kyiv"`
	Address            *addressView `json:"address,omitzero"`
	ContactKey         string       `json:"contactKey,omitempty" doc:"A text of your own."`
	Orders             *ordersView  `json:"orders,omitempty"`
	Fields             []valueView  `json:"fields" nullable:"false" doc:"The custom fields that have a value."`
	Devices            []deviceView `json:"devices" nullable:"false" doc:"Push tokens. They are kept; nothing is sent to them."`
	Subscriptions      []string     `json:"subscriptions" nullable:"false" doc:"The keys of the categories that were chosen." example:"[\"news\"]"`
	UnsubscribedAt     *instant     `json:"unsubscribedAt,omitempty" doc:"When the email was put on the list of those that want no mail."`
	Chats              []ChatView   `json:"chats" nullable:"false" doc:"The conversations with your bots."`
	CreatedAt          instant      `json:"createdAt"`
	UpdatedAt          instant      `json:"updatedAt"`
}

// gapView is a value that was not kept.
type gapView struct {
	Field  string `json:"field" example:"phone"`
	Code   string `json:"code" example:"phone_taken"`
	Detail string `json:"detail" doc:"Why, in a sentence."`
}

type addressView struct {
	Region   string `json:"region,omitempty" example:"Kyivska"`
	Town     string `json:"town,omitempty" example:"Kyiv"`
	Address  string `json:"address,omitempty" example:"Khreshchatyk 1"`
	Postcode string `json:"postcode,omitempty" example:"01001"`
}

// ordersView is used in both directions.
type ordersView struct {
	LastAt *instant `json:"lastAt,omitempty" doc:"The time of the last order."`
	Count  int64    `json:"count" minimum:"0" maximum:"9007199254740991" doc:"How many orders there were." example:"3"`
}

// valueView is used in both directions: an empty value clears the field.
type valueView struct {
	ID    int64  `json:"id" minimum:"1" maximum:"9007199254740991" doc:"The custom field." example:"1"`
	Value string `json:"value" doc:"A text, a number such as 12.5, a date such as 2026-03-01 or 2026-03-01T15:04:05, true or false." example:"gold"`
}

// deviceView is used in both directions.
type deviceView struct {
	Type          string `json:"type" enum:"mobilepush,webpush"`
	Token         string `json:"token" minLength:"1" maxLength:"4096" doc:"The push token."`
	AppID         string `json:"appId,omitempty" maxLength:"200"`
	DeviceModel   string `json:"deviceModel,omitempty" maxLength:"200" example:"Pixel 9"`
	OS            string `json:"os,omitempty" maxLength:"200" example:"ANDROID"`
	Locale        string `json:"locale,omitempty" maxLength:"200" example:"uk_UA"`
	ClientVersion string `json:"clientVersion,omitempty" maxLength:"200"`
	AppVersion    string `json:"appVersion,omitempty" maxLength:"200" example:"1.2.0"`
	Inactive      bool   `json:"inactive,omitempty" doc:"The device takes no messages."`
}

// shownGroups is how many groups of a contact are shown with it.
const shownGroups = 100

func viewContact(c contact.Contact, chats []contact.Chat, groups []audience.Group) contactView {
	v := contactView{ProfileView: viewProfile(c, chats), Groups: []contactGroupView{}, MoreGroups: max(len(groups)-shownGroups, 0)}
	for _, g := range groups[:min(len(groups), shownGroups)] {
		v.Groups = append(v.Groups, contactGroupView{g.ID, g.Name})
	}
	return v
}

func viewProfile(c contact.Contact, chats []contact.Chat) ProfileView {
	v := ProfileView{
		ID: c.ID, ExternalCustomerID: c.ExternalCustomerID, Phone: c.Phone, Email: c.Email,
		FirstName: c.FirstName, LastName: c.LastName, LanguageCode: c.LanguageCode, TimeZone: c.TimeZone, ContactKey: c.ContactKey,
		Fields: make([]valueView, 0, len(c.Fields)), Devices: make([]deviceView, len(c.Devices)),
		Subscriptions:  append([]string{}, c.Subscriptions...),
		UnsubscribedAt: moment(c.UnsubscribedAt), Chats: viewChats(chats), CreatedAt: utc(c.CreatedAt), UpdatedAt: utc(c.UpdatedAt),
	}
	if c.Address != (contact.Address{}) {
		v.Address = (*addressView)(&c.Address)
	}
	if c.Orders != (contact.Orders{}) {
		v.Orders = &ordersView{moment(c.Orders.LastAt), c.Orders.Count}
	}
	for id, value := range c.Fields {
		v.Fields = append(v.Fields, valueView{id, value})
	}
	slices.SortFunc(v.Fields, func(a, b valueView) int { return cmp.Compare(a.ID, b.ID) })
	for i, d := range c.Devices {
		v.Devices[i] = viewDevice(d)
	}
	slices.SortFunc(v.Devices, func(a, b deviceView) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Token, b.Token)) })
	return v
}

func viewDevice(d contact.Device) deviceView {
	return deviceView{string(d.Type), d.Token, d.AppID, d.DeviceModel, d.OS, d.Locale, d.ClientVersion, d.AppVersion, d.Inactive}
}

// contactBody is a contact in a request.
type contactBody struct {
	ExternalCustomerID *string      `json:"externalCustomerId,omitempty" maxLength:"300" doc:"The id in your own system. Like every text here it is cleared by an empty one, and left alone when it is not sent." example:"C-1001"`
	Phone              *string      `json:"phone,omitempty" maxLength:"100" doc:"Without a country code it is read in the country of the workspace." example:"+380501234567"`
	Email              *string      `json:"email,omitempty" maxLength:"254" example:"olena@example.com"`
	FirstName          *string      `json:"firstName,omitempty" maxLength:"200" example:"Olena"`
	LastName           *string      `json:"lastName,omitempty" maxLength:"200" example:"Koval"`
	LanguageCode       *string      `json:"languageCode,omitempty" maxLength:"100" doc:"A language tag (BCP 47)." example:"uk"`
	TimeZone           *string      `json:"timeZone,omitempty" maxLength:"100" doc:"A name from the IANA time zone database." example:"Europe/Kyiv"`
	Address            addressBody  `json:"address,omitzero"`
	ContactKey         *string      `json:"contactKey,omitempty" maxLength:"200" doc:"A text of your own."`
	Orders             *ordersView  `json:"orders,omitempty"`
	Fields             []valueView  `json:"fields,omitempty" maxItems:"500" doc:"Values of custom fields; the others are left alone."`
	Devices            []deviceView `json:"devices,omitempty" maxItems:"100" doc:"Push tokens to add, or to describe anew."`
}

type addressBody struct {
	Region   *string `json:"region,omitempty" maxLength:"200"`
	Town     *string `json:"town,omitempty" maxLength:"200" example:"Kyiv"`
	Address  *string `json:"address,omitempty" maxLength:"200"`
	Postcode *string `json:"postcode,omitempty" maxLength:"200"`
}

func (b contactBody) profile() contact.Profile {
	p := contact.Profile{
		ExternalCustomerID: b.ExternalCustomerID, Phone: b.Phone, Email: b.Email, FirstName: b.FirstName, LastName: b.LastName,
		LanguageCode: b.LanguageCode, TimeZone: b.TimeZone, ContactKey: b.ContactKey,
		Region: b.Address.Region, Town: b.Address.Town, Address: b.Address.Address, Postcode: b.Address.Postcode,
		Fields: map[int64]string{},
	}
	if b.Orders != nil {
		p.Orders = &contact.Orders{Count: b.Orders.Count}
		if b.Orders.LastAt != nil {
			p.Orders.LastAt = b.Orders.LastAt.Time
		}
	}
	for _, f := range b.Fields {
		p.Fields[f.ID] = f.Value
	}
	for _, d := range b.Devices {
		p.Devices = append(p.Devices, contact.Device{
			Type: contact.DeviceType(d.Type), Token: d.Token, AppID: d.AppID, DeviceModel: d.DeviceModel, OS: d.OS,
			Locale: d.Locale, ClientVersion: d.ClientVersion, AppVersion: d.AppVersion, Inactive: d.Inactive,
		})
	}
	return p
}

type saveContactInput struct{ Body contactBody }

type saveContactOutput struct {
	Status int
	ETag   string `header:"ETag" doc:"Stands for what people edit of it: for If-Match, when it is changed."`
	Body   contactView
}

type updateContactInput struct {
	ByID
	IfMatch
	Body contactBody
}

type deleteContactInput struct {
	ByID
	IfMatch
	Erase bool `query:"erase" doc:"Remove everything personal for good, as POST erase does, with the right that that needs."`
}

type subscriptionsInput struct {
	ByID
	Body struct {
		Subscriptions []string `json:"subscriptions" nullable:"false" maxItems:"200" doc:"The keys of the categories, all of them." example:"[\"news\"]"`
	}
}

const contactsPath = "/contacts"

func (a *API) contacts() {
	register(a, huma.Operation{
		OperationID: "list-contacts", Method: http.MethodGet, Path: contactsPath, Tags: []string{"contacts"},
		Summary: "List or search contacts",
		Description: "Newest first, if not asked otherwise. Each filter narrows the list. Every page takes a bounded time, whatever is asked: " +
			"when few among many match, it may have fewer items than the limit, or none, and a nextCursor " +
			"all the same; the list ends where there is no nextCursor.",
	}, a.listContacts)
	register(a, huma.Operation{
		OperationID: "save-contact", Method: http.MethodPost, Path: contactsPath, Tags: []string{"contacts"},
		Summary: "Create or update a contact",
		Description: "The contact is the one with the externalCustomerId, which is restored when it was deleted; " +
			"else with the email, the phone or a push token. Nobody found means a new contact; the answer is 200 for one that was there. " +
			"A phone or email that another contact has is left out, and named in leftOut, unless both have externalCustomerIds.",
		DefaultStatus: http.StatusCreated,
	}, a.saveContact)
	responses := a.huma.OpenAPI().Paths[contactsPath].Post.Responses
	responses["200"] = &huma.Response{Description: "The contact was there and is updated.", Content: responses["201"].Content}
	register(a, huma.Operation{
		OperationID: "get-contact", Method: http.MethodGet, Path: contactsPath + "/{id}", Tags: []string{"contacts"},
		Summary: "Get a contact", Description: "With the chats on record, ordered by bot and chat.",
	}, a.getContact)
	register(a, huma.Operation{
		OperationID: "update-contact", Method: http.MethodPatch, Path: contactsPath + "/{id}", Tags: []string{"contacts"},
		Summary: "Change a contact", Description: "What is left out stays. A phone or email that another contact has is a conflict, " +
			"unless both have externalCustomerIds.",
	}, a.updateContact)
	register(a, huma.Operation{
		OperationID: "delete-contact", Method: http.MethodDelete, Path: contactsPath + "/{id}", Tags: []string{"contacts"},
		Summary: "Delete a contact",
		Description: "The contact leaves its groups and loses its chats, so that nothing is sent to it any more. " +
			"Its externalCustomerId restores it with both, unless it is erased; a chat that another contact has got meanwhile stays there.",
		DefaultStatus: http.StatusNoContent,
	}, a.deleteContact)
	register(a, huma.Operation{
		OperationID: "set-contact-subscriptions", Method: http.MethodPut, Path: contactsPath + "/{id}/subscriptions", Tags: []string{"contacts"},
		Summary: "Set the subscriptions of a contact",
	}, a.setSubscriptions)
	a.history()
	a.bulk()
	a.chats()
	a.fields()
}

// etagOfContact is one of what people edit of a contact: not of its orders, devices, chats
// and groups, which change by themselves.
func etagOfContact(c contact.Contact) string {
	v := viewProfile(c, nil)
	return etag([]any{v.ExternalCustomerID, v.Phone, v.Email, v.FirstName, v.LastName, v.LanguageCode, v.TimeZone, v.Address, v.ContactKey,
		v.Fields})
}

// ofContact checks the header against a contact. What it is now is added by withContact.
func (in IfMatch) ofContact(c contact.Contact) error {
	return in.check(etagOfContact(c), func() any { return nil })
}

// withContact adds to a refusal, because a contact has changed meanwhile, what it is now.
func (a *API) withContact(ctx context.Context, workspaceID, id int64, err error) error {
	p, is := errors.AsType[*problem.Problem](err)
	if !is {
		return err
	}
	now, err := a.getContact(ctx, workspaceID, &ByID{id})
	if err != nil {
		return err
	}
	p.Current = now.Body
	return p
}

func (a *API) saveContact(ctx context.Context, workspaceID int64, in *saveContactInput) (*saveContactOutput, error) {
	w, err := a.Workspaces.Find(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	saved, err := a.Contacts.Save(ctx, workspaceID, w.PhoneRegion, in.Body.profile())
	if err != nil {
		return nil, err
	}
	out, err := a.getContact(ctx, workspaceID, &ByID{saved.ID})
	if err != nil {
		return nil, err
	}
	for _, f := range saved.LeftOut {
		out.Body.LeftOut = append(out.Body.LeftOut, gapView{f.Field, f.Code, f.Message})
	}
	status := http.StatusOK
	if saved.Created {
		status = http.StatusCreated
	}
	return &saveContactOutput{status, out.ETag, out.Body}, nil
}

func (a *API) getContact(ctx context.Context, workspaceID int64, in *ByID) (*tagged[contactView], error) {
	c, chats, err := a.Contacts.Get(ctx, workspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	groups, err := a.Groups.GroupsOf(ctx, workspaceID, []int64{in.ID})
	if err != nil {
		return nil, err
	}
	return &tagged[contactView]{etagOfContact(c), viewContact(c, chats, groups[in.ID])}, nil
}

func (a *API) updateContact(ctx context.Context, workspaceID int64, in *updateContactInput) (*tagged[contactView], error) {
	w, err := a.Workspaces.Find(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	if _, err := a.Contacts.Update(ctx, workspaceID, w.PhoneRegion, in.ID, in.Body.profile(), in.ofContact); err != nil {
		return nil, a.withContact(ctx, workspaceID, in.ID, err)
	}
	return a.getContact(ctx, workspaceID, &in.ByID)
}

func (a *API) deleteContact(ctx context.Context, workspaceID int64, in *deleteContactInput) (*struct{}, error) {
	if in.Erase {
		if err := rights["erase-contact"].admit(ctx, a.Now(), true); err != nil {
			return nil, err
		}
	}
	err := a.Contacts.DeleteUnless(ctx, workspaceID, in.ID, in.Erase, in.ofContact)
	return nil, a.withContact(ctx, workspaceID, in.ID, err)
}

func (a *API) setSubscriptions(ctx context.Context, workspaceID int64, in *subscriptionsInput) (*tagged[contactView], error) {
	if _, err := a.Contacts.SetSubscriptions(ctx, workspaceID, in.ID, in.Body.Subscriptions); err != nil {
		return nil, err
	}
	return a.getContact(ctx, workspaceID, &in.ByID)
}
