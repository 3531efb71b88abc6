package apitest

import (
	"context"
	"fmt"
	"strings"

	"bellman/internal/bot"
	"bellman/internal/fault"
)

// telegram stands in for Telegram: a token is good unless it ends in
// "revoked", and the server is down for one that ends in "down".
type telegram struct{}

// GetMe implements [bot.Telegram].
func (telegram) GetMe(_ context.Context, _, token string) (bot.Profile, error) {
	number, secret, _ := strings.Cut(token, ":")
	switch {
	case strings.HasSuffix(secret, "revoked"):
		return bot.Profile{}, fault.New(fault.Invalid, "token_refused", "Telegram refuses this token").In("token")
	case strings.HasSuffix(secret, "down"):
		return bot.Profile{}, fault.New(fault.Unavailable, "telegram_unavailable", "Telegram does not answer")
	case strings.HasSuffix(secret, "panic"):
		panic("telegram stand-in: asked to panic")
	}
	var id int64
	if _, err := fmt.Sscan(number, &id); err != nil {
		return bot.Profile{}, err
	}
	return bot.Profile{TelegramID: id, Username: "acme_bot", Name: "Acme"}, nil
}
