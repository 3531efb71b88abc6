package access

import (
	"context"
	"math"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bellman/internal/audit"
	"bellman/internal/fault"
)

// Provider is where people sign in with an account of their company (OpenID Connect).
type Provider struct {
	ID   int64
	Name string
	// Issuer is its address, to the letter as it names itself.
	Issuer string
	// ClientID is what it knows this installation by; Sealed is the secret that goes with it.
	ClientID string
	Sealed   []byte
	// WorkspaceID is where newcomers come in, who need an email of one of the domains.
	WorkspaceID int64
	Domains     []Domain
	// Enabled says that it lets people in.
	Enabled   bool
	CreatedAt time.Time
}

// Domain is that of the emails of newcomers, and the role that they get.
type Domain struct {
	Domain string `json:"domain"`
	Role   Role   `json:"role"`
}

// NewProvider is what a provider is made of.
type NewProvider struct {
	Name, Issuer, ClientID, Secret string
	WorkspaceID                    int64
	Domains                        []Domain
}

// ProviderChange is what is to change of a provider; what is nil stays as it is. The issuer
// stays: accounts of another one would be other people's.
type ProviderChange struct {
	Name, ClientID, Secret *string
	WorkspaceID            *int64
	Domains                *[]Domain
	Enabled                *bool
}

// ProviderStore is what providers, and accounts at them, need of the database.
type ProviderStore interface {
	// NextProviderID returns a new number.
	NextProviderID(ctx context.Context) (int64, error)
	// CreateProvider writes a provider. A name that another one has is a Conflict, a
	// workspace that is missing NotFound.
	CreateProvider(ctx context.Context, p Provider) error
	// Providers returns all, by id.
	Providers(ctx context.Context) ([]Provider, error)
	// Provider returns one, or [ErrNoProvider].
	Provider(ctx context.Context, id int64) (Provider, error)
	// ChangeProvider writes what change makes of a provider, as in CreateProvider. When it
	// is enabled no more, the sessions end of all who have an account there, but the one
	// with the id except.
	ChangeProvider(ctx context.Context, id, except int64, change func(Provider) (Provider, error)) (Provider, error)
	// RemoveProvider removes a provider with its accounts, and ends sessions, as in
	// ChangeProvider, when allow, which gets the number of users who have no other way to
	// sign in, returns nil.
	RemoveProvider(ctx context.Context, id, except int64, allow func(p Provider, stranded int) error) error

	// AccountBySubject returns the account that a provider knows by the subject, or NotFound.
	AccountBySubject(ctx context.Context, providerID int64, subject string) (Account, error)
	// Accounts returns those of a user, by the ids of their providers.
	Accounts(ctx context.Context, userID int64) ([]Account, error)
	// AddAccount writes an account. One that is known is [ErrAccountTaken], a second one of
	// a user at the same provider [ErrAccountSecond].
	AddAccount(ctx context.Context, a Account) error
	// UseAccount writes when an account was used, and its email.
	UseAccount(ctx context.Context, a Account) error
	// RemoveAccount removes a user's account at a provider, or is NotFound. The last way to
	// sign in stays: that is [ErrLastWay].
	RemoveAccount(ctx context.Context, userID, providerID int64) error
	// Answer notes a challenge as answered, or is [ErrCeremony] when it was so already.
	Answer(ctx context.Context, a Answered) error
}

const (
	// maxProviderName is the longest name of a provider, in characters.
	maxProviderName = 50
	// maxIssuer, maxClientID and maxClientSecret are the longest, in bytes.
	maxIssuer       = 500
	maxClientID     = 500
	maxClientSecret = 1000
	// maxProviders is how many there may be, maxDomains how many one may have.
	maxProviders = 20
	maxDomains   = 50
)

// ProviderNumber returns the number for which the secret of a provider, by its id, is sealed:
// no bot, no webhook and no user has it.
func ProviderNumber(id int64) int64 { return math.MinInt64/4 + id }

var (
	// ErrNoProvider is the fault of a provider that there is not, or that lets nobody in.
	ErrNoProvider = fault.New(fault.NotFound, "provider_not_found", "there is no such provider, or nobody signs in by it any more")
	errNoSpace    = fault.New(fault.Invalid, "workspace_unknown", "there is no such workspace").In("workspaceId")
)

// WithProviders has people sign in by providers, which issuers asks.
func (p *People) WithProviders(issuers Issuers) *People {
	p.issuers = issuers
	return p
}

// Providers returns all, by id.
func (p *People) Providers(ctx context.Context) ([]Provider, error) { return p.store.Providers(ctx) }

// OpenProviders returns those that let people in, by id.
func (p *People) OpenProviders(ctx context.Context) ([]Provider, error) {
	all, err := p.store.Providers(ctx)
	return slices.DeleteFunc(all, func(one Provider) bool { return !one.Enabled }), err
}

// CreateProvider makes a provider, when its issuer answers as one.
func (p *People) CreateProvider(ctx context.Context, n NewProvider) (Provider, error) {
	one := Provider{
		Name: strings.TrimSpace(n.Name), Issuer: strings.TrimSpace(n.Issuer), ClientID: strings.TrimSpace(n.ClientID),
		WorkspaceID: n.WorkspaceID, Domains: n.Domains, Enabled: true, CreatedAt: p.now(),
	}
	if err := one.clean(); err != nil {
		return one, err
	}
	if err := checkSecret(n.Secret); err != nil {
		return one, err
	}
	if err := checkIssuer(one.Issuer); err != nil {
		return one, err
	}
	all, err := p.store.Providers(ctx)
	if err != nil {
		return one, err
	}
	if len(all) >= maxProviders {
		return one, fault.New(fault.Conflict, "providers_too_many", "there may be %d providers: delete one first", maxProviders)
	}
	if err := p.issuers.Check(ctx, one.Issuer); err != nil {
		return one, err
	}
	if one.ID, err = p.store.NextProviderID(audit.Apart(ctx)); err != nil {
		return one, err
	}
	one.Sealed = p.seal.Seal(n.Secret, ProviderNumber(one.ID))
	audit.Became(ctx, one.facts())
	return one, ofWorkspace(p.store.CreateProvider(ctx, one))
}

// ChangeProvider changes a provider. Who has an account there is signed out when it is
// enabled no more, but for the caller's own session.
func (p *People) ChangeProvider(ctx context.Context, c Caller, id int64, change ProviderChange) (Provider, error) {
	defer p.known.forget()
	one, err := p.store.ChangeProvider(ctx, id, c.Session.ID, func(was Provider) (Provider, error) {
		next, err := p.changed(was, change)
		if err == nil {
			audit.Was(ctx, was.facts())
			audit.Became(ctx, next.facts())
		}
		return next, err
	})
	return one, ofWorkspace(err)
}

func (p *People) changed(one Provider, c ProviderChange) (Provider, error) {
	if c.Name != nil {
		one.Name = strings.TrimSpace(*c.Name)
	}
	if c.ClientID != nil {
		one.ClientID = strings.TrimSpace(*c.ClientID)
	}
	if c.WorkspaceID != nil {
		one.WorkspaceID = *c.WorkspaceID
	}
	if c.Domains != nil {
		one.Domains = *c.Domains
	}
	if c.Enabled != nil {
		one.Enabled = *c.Enabled
	}
	if c.Secret != nil {
		if err := checkSecret(*c.Secret); err != nil {
			return one, err
		}
		one.Sealed = p.seal.Seal(*c.Secret, ProviderNumber(one.ID))
	}
	return one, one.clean()
}

// DeleteProvider removes a provider, with what people are there, who are signed out. While
// there are people who have no other way to sign in, it is a Conflict but with force.
func (p *People) DeleteProvider(ctx context.Context, c Caller, id int64, force bool) error {
	defer p.known.forget()
	return p.store.RemoveProvider(ctx, id, c.Session.ID, func(one Provider, stranded int) error {
		if stranded > 0 && !force {
			return fault.New(fault.Conflict, "provider_needed",
				"%d people have no other way to sign in, and would need a link for a new password: repeat this with force=true", stranded)
		}
		audit.Was(ctx, one.facts())
		return nil
	})
}

// ofWorkspace says that it was the workspace in the body which is not there.
func ofWorkspace(err error) error {
	if fault.Is(err, "workspace_not_found") {
		return errNoSpace
	}
	return err
}

// facts are what the audit log tells of a provider.
func (one Provider) facts() audit.Facts {
	domains := make([]string, len(one.Domains))
	for i, d := range one.Domains {
		domains[i] = d.Domain + ": " + string(d.Role)
	}
	return audit.Facts{
		"name": one.Name, "issuer": one.Issuer, "clientId": one.ClientID, "workspaceId": one.WorkspaceID, "domains": domains,
		"enabled": one.Enabled,
	}
}

// clean checks all but the issuer and the secret, and writes the domains as they are
// compared.
func (one *Provider) clean() error {
	if err := checkName(one.Name, maxProviderName, "provider_name_invalid", "the provider"); err != nil {
		return err
	}
	if !isToken(one.ClientID, maxClientID) {
		return fault.New(fault.Invalid, "client_id_invalid", "write the client id that the provider has given").In("clientId")
	}
	if len(one.Domains) > maxDomains {
		return fault.New(fault.Invalid, "domains_too_many", "a provider may have %d domains", maxDomains).In("domains")
	}
	domains := make([]Domain, len(one.Domains))
	for i, d := range one.Domains {
		d.Domain = strings.ToLower(strings.TrimSpace(d.Domain))
		if err := d.check(); err != nil {
			return err
		}
		if slices.ContainsFunc(domains[:i], func(other Domain) bool { return other.Domain == d.Domain }) {
			return fault.New(fault.Invalid, "domain_twice", "%s is there twice", d.Domain).In("domains")
		}
		domains[i] = d
	}
	one.Domains = domains
	return nil
}

// hostName is a name of the DNS with a dot in it (RFC 1123, section 2.1), in small letters.
var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func (d Domain) check() error {
	if len(d.Domain) > maxEmail || !hostName.MatchString(d.Domain) {
		return fault.New(fault.Invalid, "domain_invalid",
			"write what stands behind the @ of emails, such as example.com; of other scripts, the form that begins with xn--").In("domains")
	}
	if err := d.Role.Check(); err != nil {
		return fault.New(fault.Invalid, "role_unknown", "%s: %s", d.Domain, err).In("domains")
	}
	if d.Role == Owner {
		return fault.New(fault.Invalid, "owners_are_made", "nobody becomes an owner by an email: owners are made by owners").In("domains")
	}
	return nil
}

func checkSecret(secret string) error {
	if isToken(secret, maxClientSecret) {
		return nil
	}
	return fault.New(fault.Invalid, "client_secret_invalid", "write the client secret that the provider has given").In("clientSecret")
}

// isToken reports whether a text is one line without blanks around it.
func isToken(text string, most int) bool {
	return text != "" && len(text) <= most && utf8.ValidString(text) && text == strings.TrimSpace(text) &&
		!strings.ContainsFunc(text, unicode.IsControl)
}

// checkIssuer returns an Invalid fault for what is no address of an issuer (OpenID Connect
// Discovery 1.0, section 3).
func checkIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	switch {
	case err != nil || len(issuer) > maxIssuer || u.Hostname() == "" || u.User != nil || strings.ContainsAny(issuer, "?#"):
		return fault.New(fault.Invalid, "issuer_invalid", "write the issuer's address, such as https://accounts.google.com").In("issuer")
	case !IsSafe(u):
		return fault.New(fault.Invalid, "issuer_plain",
			"the issuer's address begins with https://; http:// is for this machine alone").In("issuer")
	}
	return nil
}

// IsSafe reports whether what is sent to an address can be read by nobody on the way: it is
// one of HTTPS, or of this machine.
func IsSafe(u *url.URL) bool {
	if u.Scheme == "https" {
		return u.Hostname() != ""
	}
	host := strings.ToLower(u.Hostname())
	address, err := netip.ParseAddr(host)
	return u.Scheme == "http" && (host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && address.IsLoopback())
}

// roleOf returns the role that the provider gives to newcomers with the email; empty for
// none.
func (one Provider) roleOf(email string) Role {
	_, domain, _ := strings.Cut(email, "@")
	for _, d := range one.Domains {
		if d.Domain == domain {
			return d.Role
		}
	}
	return ""
}
