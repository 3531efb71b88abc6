package telegram

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Fate says how far a call got.
type Fate int

// The fates of a call.
const (
	// NotSent means that no byte of the request left: it may be made again.
	NotSent Fate = iota
	// Answered means that the server answered.
	Answered
	// Lost means that the request left and no usable answer came: it may have
	// taken effect.
	Lost
)

// Result is what became of a call.
type Result struct {
	Fate Fate
	// OK tells that the server did what was asked.
	OK bool
	// Code is the Bot API's error code, else the HTTP status.
	Code int
	// Description is the Bot API's text.
	Description string
	// RetryAfter is how long a 429 asks to wait; zero when it does not say.
	RetryAfter time.Duration
	// MigrateTo is the id of the supergroup that a group became; zero otherwise.
	MigrateTo int64
	// MessageID is the id of the message sent; zero when the answer has none.
	MessageID int64
	// Files are those of the message, in order, in the answer to
	// [Client.SendFiles].
	Files []File
	// Body is the value of "result" in the answer to a call that is no send.
	Body json.RawMessage
	// Err says why there is no answer.
	Err error
}

// sentPrefix is how the answer to a send begins: the identifier is the first
// member of a Message. Other forms take the long way.
var sentPrefix = []byte(`{"ok":true,"result":{"message_id":`)

// parseSent reads the answer to a method that sends a message.
func parseSent(status int, body []byte) Result {
	if rest, ok := bytes.CutPrefix(body, sentPrefix); ok && body[len(body)-1] == '}' {
		if id, ok := leadingInt(rest); ok {
			return Result{Fate: Answered, OK: true, Code: status, MessageID: id}
		}
	}
	r := parse(status, body)
	if r.OK {
		r.MessageID = firstMessageID(r.Body)
		r.Body = nil
	}
	return r
}

// parse reads the answer to any method. A server error may come as an HTML
// page; a success that cannot be read may have taken effect.
//
// spec: tg-envelope
func parse(status int, body []byte) Result {
	var envelope struct {
		OK          *bool           `json:"ok"`
		Result      json.RawMessage `json:"result"`
		ErrorCode   int             `json:"error_code"`
		Description string          `json:"description"`
		Parameters  struct {
			RetryAfter      int64 `json:"retry_after"`
			MigrateToChatID int64 `json:"migrate_to_chat_id"`
		} `json:"parameters"`
	}
	err := json.Unmarshal(body, &envelope)
	if err != nil || envelope.OK == nil {
		if status < 300 {
			return Result{Fate: Lost, Code: status, Err: fmt.Errorf("telegram: the answer (HTTP %d) is not the Bot API's", status)}
		}
		return Result{Fate: Answered, Code: status, Description: fmt.Sprintf("HTTP %d without a Bot API answer", status)}
	}
	if *envelope.OK {
		return Result{Fate: Answered, OK: true, Code: status, Body: envelope.Result}
	}
	r := Result{Fate: Answered, Code: envelope.ErrorCode, Description: envelope.Description,
		RetryAfter: seconds(envelope.Parameters.RetryAfter), MigrateTo: envelope.Parameters.MigrateToChatID}
	if r.Code == 0 {
		r.Code = status
	}
	return r
}

// maxRetryAfter bounds what a 429 may ask for; the longest on record is under
// three hours.
const maxRetryAfter = 24 * time.Hour

func seconds(n int64) time.Duration {
	return time.Duration(min(max(n, 0), int64(maxRetryAfter/time.Second))) * time.Second
}

// firstMessageID returns the id of a Message, or of the first one of an album.
func firstMessageID(result json.RawMessage) int64 {
	type sent struct {
		MessageID int64 `json:"message_id"`
	}
	var one sent
	if json.Unmarshal(result, &one) == nil {
		return one.MessageID
	}
	var album []sent
	if json.Unmarshal(result, &album) == nil && len(album) > 0 {
		return album[0].MessageID
	}
	return 0
}

// leadingInt reads the digits that b begins with, up to 18, which fit; something
// has to follow them.
func leadingInt(b []byte) (n int64, ok bool) {
	for i, c := range b {
		if c < '0' || c > '9' {
			return n, i > 0
		}
		if i >= 18 {
			break
		}
		n = n*10 + int64(c-'0')
	}
	return n, false
}
