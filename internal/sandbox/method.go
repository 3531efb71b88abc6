package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

func (c *call) getMe() error {
	user := c.bot.identity.Load().user
	c.out = append(c.out, user[:len(user)-1]...)
	c.out = append(c.out, `,"can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false,`+
		`"can_connect_to_business":false,"has_main_web_app":false}`...)
	return nil
}

func (c *call) getChat() error {
	chat, err := parseChat(c.params.get("chat_id"))
	if err != nil {
		return err
	}
	if err := c.bot.find(chat); err != nil {
		return err
	}
	info := appendChat(nil, chat)
	c.out = append(c.out, info[:len(info)-1]...)
	c.out = append(c.out, `,"accent_color_id":0,"max_reaction_count":11,"accepted_gift_types":{"unlimited_gifts":false,`+
		`"limited_gifts":false,"unique_gifts":false,"premium_subscription":false,"gifts_from_channels":false}}`...)
	return nil
}

var chatActions = []string{
	"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
	"choose_sticker", "find_location", "record_video_note", "upload_video_note", "record_audio", "upload_audio",
}

func (c *call) sendChatAction() error {
	if !slices.Contains(chatActions, lowerString(c.params.get("action"))) {
		return errors.New("wrong parameter action in request")
	}
	chat, err := parseChat(c.params.get("chat_id"))
	if err != nil {
		return err
	}
	if err := c.bot.reach(chat); err != nil {
		return err
	}
	c.out = append(c.out, "true"...)
	return nil
}

// Limits of the command list.
const (
	maxCommands           = 100
	maxCommandLength      = 32
	maxCommandDescription = 256 // code points
)

// commandKey is the scope and the language that a command list is for.
func (c *call) commandKey() (string, error) {
	scope := `{"type":"default"}`
	if data := c.params.get("scope"); len(data) != 0 {
		v, err := parseJSON(data)
		if err != nil || v.kind != kindObject {
			return "", errors.New("can't parse BotCommandScope: Expected an Object")
		}
		kind, err := v.requiredString("type")
		if err != nil {
			return "", fmt.Errorf("can't parse BotCommandScope: %w", err)
		}
		switch kind {
		case "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat",
			"chat_administrators", "chat_member":
		default:
			return "", errors.New("can't parse BotCommandScope: Unsupported type specified")
		}
		scope = string(v.append(nil))
	}
	return scope + string(c.params.get("language_code")), nil
}

func (c *call) setMyCommands() error {
	key, err := c.commandKey()
	if err != nil {
		return err
	}
	v, err := parseJSON(c.params.get("commands"))
	if err != nil || v.kind != kindArray {
		return errors.New("can't parse commands: Expected an Array of BotCommand")
	}
	if len(v.items) > maxCommands {
		return errors.New("BOT_COMMANDS_TOO_MUCH")
	}
	for i := range v.items {
		if err := checkCommand(&v.items[i]); err != nil {
			return err
		}
	}
	c.bot.mu.Lock()
	defer c.bot.mu.Unlock()
	c.bot.commands[key] = string(v.append(nil))
	c.out = append(c.out, "true"...)
	return nil
}

func checkCommand(v *value) error {
	if v.kind != kindObject {
		return errors.New("can't parse BotCommand: Expected an Object")
	}
	name, err := v.requiredString("command")
	if err != nil {
		return fmt.Errorf("can't parse BotCommand: %w", err)
	}
	description, err := v.requiredString("description")
	if err != nil {
		return fmt.Errorf("can't parse BotCommand: %w", err)
	}
	if n := utf8.RuneCountInString(description); n < 1 || n > maxCommandDescription {
		return errors.New("BOT_COMMAND_DESCRIPTION_INVALID")
	}
	if len(name) < 1 || len(name) > maxCommandLength {
		return errors.New("BOT_COMMAND_INVALID")
	}
	for _, letter := range []byte(name) {
		if (letter < 'a' || letter > 'z') && (letter < '0' || letter > '9') && letter != '_' {
			return errors.New("BOT_COMMAND_INVALID")
		}
	}
	return nil
}

func (c *call) getMyCommands() error {
	key, err := c.commandKey()
	if err != nil {
		return err
	}
	c.bot.mu.Lock()
	defer c.bot.mu.Unlock()
	list, ok := c.bot.commands[key]
	if !ok {
		list = "[]"
	}
	c.out = append(c.out, list...)
	return nil
}

func (c *call) deleteMyCommands() error {
	key, err := c.commandKey()
	if err != nil {
		return err
	}
	c.bot.mu.Lock()
	defer c.bot.mu.Unlock()
	delete(c.bot.commands, key)
	c.out = append(c.out, "true"...)
	return nil
}

// maxCallbackText is the longest text of an answer to a pressed button, in code points.
const maxCallbackText = 200

func (c *call) answerCallbackQuery() error {
	text := string(c.params.get("text"))
	if utf8.RuneCountInString(text) > maxCallbackText {
		return errors.New("MESSAGE_TOO_LONG")
	}
	if !c.bot.updates.answer(string(c.params.get("callback_query_id")), text, c.params.flag("show_alert")) {
		return errors.New("query is too old and response timeout expired or query ID is invalid")
	}
	c.out = append(c.out, "true"...)
	return nil
}
