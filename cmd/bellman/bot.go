package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"bellman/internal/bot"
	"bellman/internal/workspace"
)

type botCommand struct {
	Connect botConnectCommand `cmd:"" help:"Connect a bot by its BotFather token, or give it a new one."`
}

type botConnectCommand struct {
	database
	telegramServer
	APIURL string `name:"api-url" help:"The Bot API server of this bot, when it is another one." placeholder:"URL"`
	Token  string `arg:"" help:"The token from @BotFather."`
}

// Run connects the bot and prints what systems need to know about it.
func (c *botConnectCommand) Run() (err error) {
	ctx := context.Background()
	db, err := c.openExisting(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	key, err := c.key(ctx, db)
	if err != nil {
		return err
	}
	seal, err := bot.NewSealer(key)
	if err != nil {
		return err
	}
	client, err := c.client()
	if err != nil {
		return err
	}
	b, err := bot.New(db.Bots, client, seal, time.Now, uuid.NewString).Connect(ctx, workspace.Default, c.Token, c.APIURL)
	if err != nil {
		return err
	}
	_, err = fmt.Printf("connected @%s (bot %d)\napp_uuid: %s\n", b.Username, b.ID, b.AppUUID)
	return err
}
