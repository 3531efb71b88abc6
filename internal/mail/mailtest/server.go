// Package mailtest is a mail server for tests.
package mailtest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// Server is a mail server that keeps what it takes.
type Server struct {
	// Password is what the user bellman has to give, unless it is empty; Refused is an address
	// for which the server takes no mail.
	Password, Refused string

	mu    sync.Mutex
	taken []Taken
}

// Taken is a letter that a server took.
type Taken struct {
	From, To string
	Header   mail.Header
	body     []byte
}

// Taken returns what the server has taken, oldest first.
func (s *Server) Taken() []Taken {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Taken(nil), s.taken...)
}

// Open serves on this machine until the test ends, and returns the port. With a configuration
// it offers TLS.
func (s *Server) Open(tb testing.TB, config *tls.Config) string {
	tb.Helper()
	served := smtp.NewServer(s)
	served.AllowInsecureAuth, served.TLSConfig, served.ErrorLog = true, config, discarded{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	go func() { _ = served.Serve(l) }()
	tb.Cleanup(func() { _ = served.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(tb, err)
	return port
}

type discarded struct{}

func (discarded) Printf(string, ...any) {}
func (discarded) Println(...any)        {}

// NewSession implements [smtp.Backend].
func (s *Server) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{of: s}, nil }

type session struct {
	of       *Server
	from, to string
	known    bool
}

func (v *session) AuthMechanisms() []string {
	if v.of.Password == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (v *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != "bellman" || password != v.of.Password {
			return smtp.ErrAuthFailed
		}
		v.known = true
		return nil
	}), nil
}

func (v *session) Mail(from string, _ *smtp.MailOptions) error {
	if v.of.Password != "" && !v.known {
		return smtp.ErrAuthRequired
	}
	v.from = from
	return nil
}

func (v *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if to == v.of.Refused {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	}
	v.to = to
	return nil
}

func (v *session) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(m.Body)
	v.of.mu.Lock()
	defer v.of.mu.Unlock()
	v.of.taken = append(v.of.taken, Taken{v.from, v.to, m.Header, body})
	return err
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }

// Parts returns the decoded subject, text and HTML of what was taken.
func (t Taken) Parts(tb testing.TB) (subject, text, html string) {
	tb.Helper()
	subject, err := new(mime.WordDecoder).DecodeHeader(t.Header.Get("Subject"))
	require.NoError(tb, err)
	kind, params, err := mime.ParseMediaType(t.Header.Get("Content-Type"))
	require.NoError(tb, err)
	require.Equal(tb, "multipart/alternative", kind)
	parts := multipart.NewReader(bytes.NewReader(t.body), params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return subject, text, html
		}
		require.NoError(tb, err)
		require.Equal(tb, "quoted-printable", p.Header.Get("Content-Transfer-Encoding"))
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		require.NoError(tb, err)
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			html = string(body)
			continue
		}
		text = string(body)
	}
}
