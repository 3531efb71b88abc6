// Command go-forwarder is a bot of your own that tells Bellman who opened a chat with it. Bellman sends through the same
// bot; it never reads the bot's updates, so this program and Bellman do not disturb each other.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/mymmrac/telego"
	tu "github.com/mymmrac/telego/telegoutil"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := listen(ctx)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

func listen(ctx context.Context) error {
	if os.Getenv("LINK_SECRET") == "" {
		return errors.New("set LINK_SECRET to a long random text, the same that the shop signs its links with")
	}
	bot, err := telego.NewBot(os.Getenv("BOT_TOKEN"),
		telego.WithAPIServer(cmp.Or(os.Getenv("TELEGRAM_API_ROOT"), "https://api.telegram.org")))
	if err != nil {
		return err
	}
	updates, err := bot.UpdatesViaLongPolling(ctx, nil)
	if err != nil {
		return err
	}
	for update := range updates {
		message := update.Message
		if message == nil || message.From == nil || message.Chat.Type != telego.ChatTypePrivate {
			continue
		}
		reply, err := answer(ctx, message)
		if err != nil {
			log.Printf("update %d: %v", update.UpdateID, err)
			reply = tu.Message(message.Chat.ChatID(), "Sorry, that did not work. Please try again in a minute.")
		}
		if reply == nil {
			continue
		}
		if _, err := bot.SendMessage(ctx, reply); err != nil {
			log.Printf("update %d: %v", update.UpdateID, err)
		}
	}
	return nil
}

// answer returns what to say, or nothing to a message that is not about who the person is.
func answer(ctx context.Context, message *telego.Message) (*telego.SendMessageParams, error) {
	chat := message.Chat.ChatID()
	token := strconv.FormatInt(message.Chat.ID, 10)
	command, _, args := tu.ParseCommand(message.Text)
	contact := message.Contact
	switch {
	// https://t.me/YourBot?start=CODE opens the chat with "/start CODE": we know whose chat it is.
	case command == "start" && len(args) == 1:
		customer, ok := customerOf(args[0], time.Now())
		if !ok {
			return tu.Message(chat, "This link has expired. Please take a new one from your account."), nil
		}
		err := forward(ctx, map[string]string{"token": token, "externalCustomerId": customer})
		return tu.Message(chat, "Welcome! You will hear from us here."), err
	case command == "start":
		share := tu.Keyboard(tu.KeyboardRow(tu.KeyboardButton("Share my phone number").WithRequestContact()))
		return tu.Message(chat, "Welcome! Please share your phone number, so that we know who you are.").
			WithReplyMarkup(share.WithResizeKeyboard().WithOneTimeKeyboard()), nil
	case contact == nil:
		return nil, nil
	// Anyone can send anyone's card. Only a person's own carries their user id, and proves that the number is theirs.
	case contact.UserID != message.From.ID:
		return tu.Message(chat, "That is somebody else's number. Please use the button below to share yours."), nil
	default:
		err := forward(ctx, map[string]string{"token": token, "phone": "+" + strings.TrimPrefix(contact.PhoneNumber, "+")})
		return tu.Message(chat, "Thank you! You will hear from us here.").WithReplyMarkup(tu.ReplyKeyboardRemove()), err
	}
}

func forward(ctx context.Context, item map[string]string) error {
	body, err := json.Marshal(map[string]any{"tokens": []any{item}})
	if err != nil {
		return err
	}
	url := os.Getenv("BELLMAN_URL") + "/api/v1/apps/" + os.Getenv("BELLMAN_APP") + "/tokens"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.SetBasicAuth("forwarder", os.Getenv("BELLMAN_KEY"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("bellman answered %s", response.Status)
	}
	var answer struct {
		Results []struct{ Status, Message string }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return err
	}
	if len(answer.Results) != 1 || answer.Results[0].Status == "REJECTED" {
		return fmt.Errorf("bellman did not take the chat: %+v", answer.Results)
	}
	return nil
}
