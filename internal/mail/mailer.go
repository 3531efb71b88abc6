package mail

import (
	"context"
	"errors"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"bellman/internal/fault"
)

// patience is how long a mail server may take for one letter.
const patience = 10 * time.Second

// Mailer sends letters by a mail server. It is safe for concurrent use.
type Mailer struct {
	host    string
	options []gomail.Option
	from    string
}

var (
	errAddress = errors.New("the mail server is given as smtp://USER:PASSWORD@HOST:587, or smtps:// where it speaks TLS from the begin; " +
		"in a password, write %2F for /, %3F for ?, %23 for # and %40 for @")
	errFrom = errors.New("whom mail is from is given as an address, such as Bellman <no-reply@shop.example>")
)

// Open returns a mailer for a server: smtp://USER:PASSWORD@HOST:PORT, by default port 587,
// which has to offer STARTTLS unless it is on this machine; or smtps://, by default port 465.
// from is whom letters are from. The errors repeat nothing of the address. The server is
// asked for the first time when a letter is sent.
func Open(address, from string) (*Mailer, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, errAddress
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, errFrom
	}
	m := &Mailer{host: u.Hostname(), from: sender.String(), options: []gomail.Option{gomail.WithTimeout(patience)}}
	port := 587
	switch {
	case u.Scheme == "smtps":
		port = 465
		m.options = append(m.options, gomail.WithSSL())
	case isLocal(u.Hostname()):
		m.options = append(m.options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		m.options = append(m.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil {
			return nil, errAddress
		}
	}
	m.options = append(m.options, gomail.WithPort(port))
	if password, ok := u.User.Password(); ok {
		way := gomail.SMTPAuthAutoDiscover
		if isLocal(u.Hostname()) {
			way = gomail.SMTPAuthPlainNoEnc // nobody listens on the way
		}
		m.options = append(m.options, gomail.WithSMTPAuth(way), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	return m, nil
}

func isLocal(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// Send sends a letter to an address. When the server does not take it, that is an
// Unavailable fault; when it refuses the address, an Invalid one.
func (m *Mailer) Send(ctx context.Context, to string, l Letter) error {
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := errors.Join(message.From(m.from), message.To(to)); err != nil {
		return refused(err)
	}
	message.Subject(l.Subject)
	message.SetDate()
	message.SetMessageID()
	message.SetBodyString(gomail.TypeTextPlain, l.Text)
	message.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	client, err := gomail.NewClient(m.host, m.options...)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		var s *gomail.SendError
		if errors.As(err, &s) && s.Reason == gomail.ErrSMTPRcptTo && !s.IsTemp() {
			return refused(err)
		}
		return fault.New(fault.Unavailable, "mail_failed",
			"the mail server did not take the mail: look at what the log says of it, or make the link without having it sent").Because(err)
	}
	return nil
}

func refused(err error) error {
	return fault.New(fault.Invalid, "mail_refused",
		"the mail server does not take mail for this address: look whether it is right").In("email").Because(err)
}
