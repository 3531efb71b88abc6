package manage

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"bellman/internal/access"
)

type domainView struct {
	Domain string `json:"domain" doc:"What stands behind the @ of emails." example:"example.com"`
	Role   string `json:"role" enum:"admin,marketer,writer,agent,analyst" doc:"What newcomers are in the workspace."`
}

type providerView struct {
	ID          int64        `json:"id" example:"1"`
	Name        string       `json:"name" example:"Google"`
	Issuer      string       `json:"issuer" example:"https://accounts.google.com"`
	ClientID    string       `json:"clientId" example:"bellman"`
	WorkspaceID int64        `json:"workspaceId" doc:"Where newcomers come in." example:"1"`
	Domains     []domainView `json:"domains" nullable:"false" doc:"Whose emails, when the provider vouches for them, let people in who are no users yet."`
	Enabled     bool         `json:"enabled" doc:"People sign in by it."`
	CreatedAt   instant      `json:"createdAt"`
}

func viewProvider(p access.Provider, err error) (*answer[providerView], error) {
	v := providerView{p.ID, p.Name, p.Issuer, p.ClientID, p.WorkspaceID, []domainView{}, p.Enabled, utc(p.CreatedAt)}
	for _, d := range p.Domains {
		v.Domains = append(v.Domains, domainView{d.Domain, string(d.Role)})
	}
	return &answer[providerView]{v}, err
}

type providersView struct {
	Items []providerView `json:"items" nullable:"false" doc:"All providers, oldest first."`
}

type createProviderInput struct {
	Body struct {
		Name         string       `json:"name" doc:"What stands on the button: 1 to 50 characters, unique." example:"Google"`
		Issuer       string       `json:"issuer" doc:"Its address, to the letter as it names itself. It answers, or the provider is refused. HTTP is for this machine alone." example:"https://accounts.google.com"`
		ClientID     string       `json:"clientId" doc:"What the provider knows this installation by." example:"bellman"`
		ClientSecret string       `json:"clientSecret" doc:"It is not shown again."`
		WorkspaceID  int64        `json:"workspaceId" minimum:"1" maximum:"9007199254740991" doc:"Where newcomers come in." example:"1"`
		Domains      []domainView `json:"domains,omitempty" nullable:"false" doc:"Whose emails let people in who are no users yet, and as what; at most 50. Without them, newcomers need an invitation."`
	}
}

type updateProviderInput struct {
	ByID
	Body struct {
		Name         *string       `json:"name,omitempty" example:"Google"`
		ClientID     *string       `json:"clientId,omitempty" example:"bellman"`
		ClientSecret *string       `json:"clientSecret,omitempty"`
		WorkspaceID  *int64        `json:"workspaceId,omitempty" minimum:"1" maximum:"9007199254740991" example:"1"`
		Domains      *[]domainView `json:"domains,omitempty" doc:"They take the place of those that there are."`
		Enabled      *bool         `json:"enabled,omitempty" doc:"With false, nobody signs in by it, and who has an account there is signed out."`
	}
}

type deleteProviderInput struct {
	ByID
	Force bool `query:"force" doc:"Also when people have no other way to sign in."`
}

func (a *API) providers() {
	tags := []string{"providers"}
	register(a, huma.Operation{
		OperationID: "list-providers", Method: http.MethodGet, Path: "/providers", Tags: tags,
		Summary: "List the providers by which people sign in",
	}, a.listProviders)
	register(a, huma.Operation{
		OperationID: "create-provider", Method: http.MethodPost, Path: "/providers", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Let people sign in by a provider", Description: "An OpenID Connect provider: Google, Entra, Okta, Keycloak. Register " +
			"https://HOST/start/provider there as the address to which it sends browsers back.",
	}, a.createProvider)
	register(a, huma.Operation{
		OperationID: "update-provider", Method: http.MethodPatch, Path: "/providers/{id}", Tags: tags,
		Summary:     "Change a provider",
		Description: "What is not sent stays as it is. The issuer stays in any case: for another one, make another provider.",
	}, a.updateProvider)
	register(a, huma.Operation{
		OperationID: "delete-provider", Method: http.MethodDelete, Path: "/providers/{id}", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Delete a provider", Description: "Who has an account there is signed out, and signs in another way. Where people have no " +
			"other one, the answer is `provider_needed` (409) and says how many, but with force.",
	}, a.deleteProvider)
}

func (a *API) listProviders(ctx context.Context, _ int64, _ *struct{}) (*answer[providersView], error) {
	all, err := a.People.Providers(ctx)
	out := providersView{Items: []providerView{}}
	for _, p := range all {
		view, _ := viewProvider(p, nil)
		out.Items = append(out.Items, view.Body)
	}
	return &answer[providersView]{out}, err
}

func domainsOf(views []domainView) []access.Domain {
	all := make([]access.Domain, len(views))
	for i, d := range views {
		all[i] = access.Domain{Domain: d.Domain, Role: access.Role(d.Role)}
	}
	return all
}

func (a *API) createProvider(ctx context.Context, _ int64, in *createProviderInput) (*answer[providerView], error) {
	b := in.Body
	return viewProvider(a.People.CreateProvider(ctx, access.NewProvider{
		Name: b.Name, Issuer: b.Issuer, ClientID: b.ClientID, Secret: b.ClientSecret, WorkspaceID: b.WorkspaceID, Domains: domainsOf(b.Domains),
	}))
}

func (a *API) updateProvider(ctx context.Context, _ int64, in *updateProviderInput) (*answer[providerView], error) {
	c, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	b := in.Body
	change := access.ProviderChange{Name: b.Name, ClientID: b.ClientID, Secret: b.ClientSecret, WorkspaceID: b.WorkspaceID, Enabled: b.Enabled}
	if b.Domains != nil {
		domains := domainsOf(*b.Domains)
		change.Domains = &domains
	}
	return viewProvider(a.People.ChangeProvider(ctx, c, in.ID, change))
}

func (a *API) deleteProvider(ctx context.Context, _ int64, in *deleteProviderInput) (*struct{}, error) {
	c, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.People.DeleteProvider(ctx, c, in.ID, in.Force)
}
