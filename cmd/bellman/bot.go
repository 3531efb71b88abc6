package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"bellman/internal/bot"
	"bellman/internal/seal"
	"bellman/internal/store"
	"bellman/internal/workspace"
)

type botCommand struct {
	Connect botConnectCommand `cmd:"" help:"Connect a bot by its BotFather token, or give it a new one."`
}

type botConnectCommand struct {
	database
	telegramServer
	APIURL    string `name:"api-url" help:"The Bot API server of this bot, when it is another one." placeholder:"URL"`
	TokenFile string `help:"A file with the token." type:"path" placeholder:"FILE"`
	Token     string `arg:"" optional:"" help:"The token from @BotFather. Without it, it is read from --token-file or from standard input: the list of processes and the history of the shell show what stands here."`
}

// Run connects the bot and prints what systems need to know about it.
func (c *botConnectCommand) Run() error {
	return c.withRing(func(ctx context.Context, db *store.DB, ring *seal.Ring) error {
		client, err := c.client()
		if err != nil {
			return err
		}
		token, err := c.token(os.Stdin)
		if err != nil {
			return err
		}
		b, err := bot.New(db.Bots, client, ring, time.Now, uuid.NewString).Connect(
			byCommand(ctx, "connect-bot", "bots", workspace.Default), workspace.Default, token, c.APIURL)
		if err != nil {
			return err
		}
		_, err = fmt.Printf("connected @%s (bot %d)\napp_uuid: %s\n", b.Username, b.ID, b.AppUUID)
		return err
	})
}

// maxToken is how much is read in search of a token, in bytes.
const maxToken = 4 << 10

// token returns the token, from where it was given.
func (c *botConnectCommand) token(input io.Reader) (string, error) {
	if c.Token != "" && c.Token != "-" {
		if c.TokenFile != "" {
			return "", errors.New("a token was given, and --token-file too: give one of them")
		}
		return c.Token, nil
	}
	if c.TokenFile != "" {
		file, err := os.Open(c.TokenFile)
		if err != nil {
			return "", fmt.Errorf("read the token: %w", err)
		}
		defer file.Close()
		input = file
	}
	text, err := io.ReadAll(io.LimitReader(input, maxToken))
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" {
		return "", errors.New("there is no token: pipe it in, or name a file with it as --token-file")
	}
	return token, nil
}
