package main

import (
	"errors"
	"log/slog"

	"bellman/internal/mail"
)

// mailServer are the flags of letters to people who use Bellman.
type mailServer struct {
	SMTP     string    `name:"smtp" help:"The mail server for invitations and links to choose a new password: smtp://USER:PASSWORD@HOST:587, or smtps:// where it speaks TLS from the begin. Without it they are handed over by hand." env:"BELLMAN_SMTP" secret:"" placeholder:"URL"`
	MailFrom string    `help:"Whom these letters are from, such as: Bellman <no-reply@shop.example>." env:"BELLMAN_MAIL_FROM" placeholder:"ADDRESS"`
	HomeURL  publicURL `name:"home-url" help:"The address at which people reach Bellman in their browsers, such as https://bellman.shop.example: links in letters lead there." env:"BELLMAN_HOME_URL" placeholder:"URL"`
}

// office returns how people are written to; nil without a mail server.
func (m mailServer) office(log *slog.Logger) (*mail.Office, error) {
	if m.SMTP == "" {
		return nil, nil
	}
	if m.MailFrom == "" || m.HomeURL == "" {
		return nil, errors.New("with --smtp, say whom mail is from (--mail-from or BELLMAN_MAIL_FROM) and where people reach Bellman " +
			"(--home-url or BELLMAN_HOME_URL)")
	}
	mailer, err := mail.Open(m.SMTP, m.MailFrom)
	if err != nil {
		return nil, err
	}
	return &mail.Office{Mailer: mailer, Post: mail.NewPost(log), Home: m.HomeURL.base()}, nil
}
