package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// contentError is an error about the meaning of a button, not about its JSON: it is reported unchanged.
type contentError struct{ text string }

func (e *contentError) Error() string { return e.text }

// inlineButton is one button of an inline keyboard.
type inlineButton struct {
	text   string
	kind   string // the name of the field that makes its type
	target string // what that field says
	login  *value
}

// parseInlineButton reads a button. Of several types the first in the server's order counts.
func parseInlineButton(v *value) (inlineButton, error) {
	b := inlineButton{}
	if v.kind != kindObject {
		return b, errors.New("InlineKeyboardButton must be an Object")
	}
	text, err := v.requiredString("text")
	if err != nil {
		return b, err
	}
	b.text = text
	if err := checkButtonLook(v); err != nil {
		return b, err
	}
	for _, name := range []string{"url", "callback_data"} {
		target, err := v.stringField(name)
		if err != nil {
			return b, err
		}
		if target != "" {
			b.kind, b.target = name, target
			return b, nil
		}
	}
	for _, name := range []string{"callback_game", "pay"} {
		if v.has(name) {
			b.kind = name
			return b, nil
		}
	}
	for _, name := range []string{"switch_inline_query", "switch_inline_query_current_chat"} {
		if _, ok := v.field(name); ok {
			b.kind = name
			b.target, err = v.stringField(name)
			return b, err
		}
	}
	return b, b.parseObject(v)
}

// parseObject reads the types whose field is an object.
func (b *inlineButton) parseObject(v *value) error {
	for _, kind := range []struct{ name, target string }{
		{"switch_inline_query_chosen_chat", ""}, {"login_url", "url"}, {"web_app", "url"}, {"copy_text", "text"},
	} {
		object, found, err := v.objectField(kind.name)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		b.kind, b.login = kind.name, object
		if kind.target != "" {
			b.target, err = object.requiredString(kind.target)
			if err != nil {
				return err
			}
		}
		for _, flag := range []string{
			"allow_user_chats", "allow_bot_chats", "allow_group_chats", "allow_channel_chats", "request_write_access",
		} {
			if _, err := object.boolField(flag); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("Text buttons are unallowed in the inline keyboard")
}

// checkButtonLook checks the members that both kinds of buttons have.
func checkButtonLook(v *value) error {
	if _, err := v.stringField("icon_custom_emoji_id"); err != nil {
		return err
	}
	style, err := v.stringField("style")
	if err != nil {
		return err
	}
	switch style {
	case "", "danger", "success", "primary":
		return nil
	}
	return errors.New("Invalid button style specified")
}

// check returns the fault of a well-formed button.
func (b *inlineButton) check(at scene) error {
	if !utf8.ValidString(b.text) {
		return errors.New("Inline keyboard button text must be encoded in UTF-8")
	}
	if strings.TrimSpace(b.text) == "" {
		return errors.New("Inline keyboard button text must be non-empty")
	}
	switch b.kind {
	case "url":
		if _, ok := linkUser(b.target); ok {
			return nil
		}
		if _, err := checkLink(b.target, false); err != nil {
			return fmt.Errorf("Inline keyboard button %w", err)
		}
	case "callback_data":
		if len(b.target) > maxCallbackData {
			return errors.New("BUTTON_DATA_INVALID")
		}
	case "callback_game", "pay":
		return errButtonType
	case "web_app":
		if _, err := checkLink(b.target, true); err != nil {
			return fmt.Errorf("Inline keyboard button Web App %w", err)
		}
		if !at.private {
			return errButtonType
		}
	case "copy_text":
		if n := utf8.RuneCountInString(b.target); n == 0 || n > maxCopyText {
			return errors.New("BUTTON_COPY_TEXT_INVALID")
		}
	case "login_url":
		return b.checkLogin(at)
	}
	return nil
}

func (b *inlineButton) checkLogin(at scene) error {
	link, err := checkLink(b.target, true)
	if err != nil {
		return fmt.Errorf("Inline keyboard button login %w", err)
	}
	name, err := b.login.stringField("bot_username")
	if err != nil {
		return err
	}
	name = strings.TrimPrefix(name, "@")
	if name != "" && !strings.EqualFold(name, at.username) {
		return fmt.Errorf(`bot "%s" not found`, name)
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(link, "https://"), "/")
	if at.domain == "" || host != strings.ToLower(at.domain) {
		return errors.New("BOT_DOMAIN_INVALID")
	}
	return nil
}

// checkKeyboardButton checks a button of a reply keyboard: a string, or an object with at most one request.
func checkKeyboardButton(v *value, at scene) error {
	if v.kind == kindString {
		return checkKeyboardText(string(v.text))
	}
	if v.kind != kindObject {
		return errors.New("KeyboardButton must be a String or an Object")
	}
	text, err := v.requiredString("text")
	if err != nil {
		return err
	}
	if err := checkButtonLook(v); err != nil {
		return err
	}
	if err := checkKeyboardText(text); err != nil {
		return err
	}
	for _, request := range []struct{ field, what string }{
		{"request_contact", "Phone number"}, {"request_location", "Location"},
	} {
		wanted, err := v.boolField(request.field)
		if err != nil {
			return err
		}
		if wanted && !at.private {
			return &contentError{request.what + " can be requested in private chats only"}
		}
	}
	return checkRequests(v, at)
}

func checkKeyboardText(text string) error {
	if strings.TrimSpace(text) == "" {
		return &contentError{"Keyboard button text must be non-empty"}
	}
	return nil
}

// checkRequests checks the requests of a keyboard button that are objects.
func checkRequests(v *value, at scene) error {
	for _, request := range []struct{ field, refusal string }{
		{"request_poll", "Poll can be requested in private chats only"},
		{"request_users", "Users can be requested in private chats only"},
		{"request_chat", "Chats can be requested in private chats only"},
		{"web_app", "Web App buttons can be used in private chats only"},
	} {
		object, found, err := v.objectField(request.field)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if !at.private {
			return &contentError{request.refusal}
		}
		if err := checkRequest(request.field, object); err != nil {
			return err
		}
	}
	return nil
}

func checkRequest(field string, object *value) error {
	switch field {
	case "web_app":
		link, err := object.requiredString("url")
		if err != nil {
			return err
		}
		if _, err := checkLink(link, true); err != nil {
			return &contentError{"Keyboard button Web App " + err.Error()}
		}
	case "request_users", "request_chat":
		if _, found, err := object.intField("request_id"); err != nil || !found {
			if err == nil {
				err = errMissing("request_id")
			}
			return err
		}
		for _, flag := range []string{
			"user_is_bot", "user_is_premium", "chat_is_channel", "chat_is_forum", "chat_has_username", "chat_is_created",
			"bot_is_member", "request_name", "request_title", "request_username", "request_photo",
		} {
			if _, err := object.boolField(flag); err != nil {
				return err
			}
		}
		most, found, err := object.intField("max_quantity")
		if err != nil {
			return err
		}
		if found && (most < 1 || most > 10) {
			return &contentError{"BUTTON_QUANTITY_MAX_INVALID"}
		}
	}
	return nil
}
