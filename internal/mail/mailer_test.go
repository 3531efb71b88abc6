package mail_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/mail"
	"bellman/internal/mail/mailtest"
)

const link = "https://bellman.shop.example/start#secret"

func TestLetters(t *testing.T) {
	t.Parallel()
	o := &mailtest.Server{}
	m, err := mail.Open("smtp://127.0.0.1:"+o.Open(t, nil), "Bellman <no-reply@shop.example>")
	require.NoError(t, err)
	for _, tt := range []struct {
		letter              mail.Letter
		subject, says, lang string
	}{
		{mail.Invitation("en-GB,en;q=0.8", "Shop", link), "You are invited to Shop in Bellman", "for a week", `lang="en"`},
		{mail.Invitation("uk-UA,uk;q=0.9,en;q=0.5", "Крамниця", link), "Вас запрошено до Крамниця у Bellman", "упродовж тижня", `lang="uk"`},
		{mail.Invitation("", "<b>\r\nBcc: all@shop.example", link),
			"You are invited to <b> Bcc: all@shop.example in Bellman", "for a week", `lang="en"`},
		{mail.Reset("ru", true, link), "Новый пароль для Bellman", "ничего не делайте", `lang="ru"`},
		{mail.Reset("fr", false, link), "A new password for Bellman", "for a day", `lang="en"`},
	} {
		require.NoError(t, m.Send(t.Context(), "olena@shop.example", tt.letter))
		got := o.Taken()[len(o.Taken())-1]
		subject, text, html := got.Parts(t)
		require.Equal(t, tt.subject, subject)
		require.Equal(t, []string{"no-reply@shop.example", "olena@shop.example"}, []string{got.From, got.To})
		require.Empty(t, got.Header.Get("Bcc"))
		for _, body := range []string{text, html} {
			require.Contains(t, body, link)
			require.Contains(t, body, tt.says)
		}
		require.Contains(t, html, tt.lang)
		require.NotContains(t, html, "<b>")
		require.NotContains(t, html, "src=")
	}
	require.NotContains(t, mail.Reset("en", false, link).Text, "did not ask")
}

func TestServersThatTakeNothing(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, gone.Close())
	o := &mailtest.Server{Password: "right/word", Refused: "nobody@shop.example"}
	port := o.Open(t, nil)
	for name, tt := range map[string]struct {
		address, to string
		want        fault.Kind // zero for none
	}{
		"right":         {"smtp://bellman:right%2Fword@127.0.0.1:" + port, "olena@shop.example", 0},
		"wrong":         {"smtp://bellman:wr0ng@127.0.0.1:" + port, "olena@shop.example", fault.Unavailable},
		"without":       {"smtp://127.0.0.1:" + port, "olena@shop.example", fault.Unavailable},
		"nobody":        {"smtp://bellman:right%2Fword@127.0.0.1:" + port, "nobody@shop.example", fault.Invalid},
		"no address":    {"smtp://bellman:right%2Fword@127.0.0.1:" + port, "a@b\r\nBcc: c@d", fault.Invalid},
		"gone":          {"smtp://" + gone.Addr().String(), "olena@shop.example", fault.Unavailable},
		"TLS expected":  {"smtps://127.0.0.1:" + port, "olena@shop.example", fault.Unavailable},
		"nothing heard": {"smtp://" + silent.Addr().String(), "olena@shop.example", fault.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := mail.Open(tt.address, "no-reply@shop.example")
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			err = m.Send(ctx, tt.to, mail.Reset("en", false, link))
			if tt.want == 0 {
				require.NoError(t, err)
				return
			}
			require.Equal(t, tt.want, fault.KindOf(err), "%v", err)
			f, ok := errors.AsType[*fault.Error](err)
			require.True(t, ok)
			for _, secret := range []string{"right/word", "right%2Fword", "wr0ng", "#secret"} {
				require.NotContains(t, f.Err.Error(), secret, "it goes to the log")
			}
		})
	}
}

// A server elsewhere is given nothing before it speaks TLS, with a certificate that is
// trusted; on this machine TLS is taken where it is offered.
func TestServersSpeakTLS(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	own := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, own, own, key.Public(), key)
	require.NoError(t, err)
	o := &mailtest.Server{}
	port := o.Open(t, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	m, err := mail.Open("smtp://127.0.0.1:"+port, "no-reply@shop.example")
	require.NoError(t, err)
	err = m.Send(t.Context(), "olena@shop.example", mail.Reset("en", false, link))
	require.Equal(t, fault.Unavailable, fault.KindOf(err), "nobody vouches for the certificate")
	require.Empty(t, o.Taken())

	plain := &mailtest.Server{}
	host, err := net.LookupAddr("127.0.0.1")
	if err != nil || len(host) == 0 || strings.TrimSuffix(host[0], ".") == "localhost" {
		return // this machine has no other name by which it reaches itself
	}
	m, err = mail.Open("smtp://"+strings.TrimSuffix(host[0], ".")+":"+plain.Open(t, nil), "no-reply@shop.example")
	require.NoError(t, err)
	err = m.Send(t.Context(), "olena@shop.example", mail.Reset("en", false, link))
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
	require.Empty(t, plain.Taken())
}

func TestAddressesOfServers(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"smtp://mail.shop.example": true, "smtps://u:p@mail.shop.example:465/": true, "smtp://u:p@[::1]:25": true,
		"": false, "mail.shop.example": false, "http://mail.shop.example": false, "smtp://u:sec/ret@mail.shop.example": false,
		"smtp://mail.shop.example:x": false, "smtp://mail.shop.example/box": false, "smtp://mail.shop.example?tls=no": false,
	} {
		_, err := mail.Open(address, "Bellman <no-reply@shop.example>")
		require.Equal(t, ok, err == nil, "%s: %v", address, err)
		if err != nil {
			require.NotContains(t, err.Error(), "sec")
		}
	}
	_, err := mail.Open("smtp://mail.shop.example", "nobody")
	require.Error(t, err)
}

// What waits when the program stops is done; what is too much is dropped and logged; who has
// something done does not wait.
func TestPost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		p := mail.NewPost(slog.New(slog.NewTextHandler(&log, nil)))
		done := 0
		began := time.Now()
		for i := range 105 {
			p.Later(func(context.Context) error {
				time.Sleep(time.Millisecond)
				done++
				if i == 3 {
					return errors.New("the server is away")
				}
				return nil
			})
		}
		require.Zero(t, time.Since(began))
		ctx, stop := context.WithCancel(t.Context())
		stop()
		p.Run(ctx)
		require.Equal(t, 100, done)
		require.Equal(t, 5, strings.Count(log.String(), "one is dropped"))
		require.Contains(t, log.String(), "the server is away")
	})
}
