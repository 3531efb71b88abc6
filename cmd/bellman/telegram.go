package main

import (
	"golang.org/x/net/http/httpproxy"

	"bellman/internal/telegram"
)

// telegramServer are the flags of commands that call the Bot API.
type telegramServer struct {
	TelegramURL   string `help:"The Bot API server of bots that do not name their own." default:"https://api.telegram.org" env:"BELLMAN_TELEGRAM_URL" placeholder:"URL"`
	TelegramProxy string `help:"The proxy on the way to it: http://USER:PASSWORD@HOST:PORT, or socks5://… in the same form. Hosts that NO_PROXY names, and this machine, are reached directly." env:"BELLMAN_TELEGRAM_PROXY" secret:"" placeholder:"URL"`
}

// client returns a client of the Bot API.
func (s telegramServer) client() (*telegram.Client, error) {
	return telegram.NewClient(s.TelegramURL, telegram.Proxy{Address: s.TelegramProxy, Except: httpproxy.FromEnvironment().NoProxy})
}
