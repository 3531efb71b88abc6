package telegram

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Fate is how far a call got.
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
	// Intercepted means that something on the way answered in the server's place,
	// with a status that means that the request went no further.
	Intercepted
)

// Result is the result of a call.
type Result struct {
	Fate Fate
	// OK is true when the server did what was asked.
	OK bool
	// Code is the Bot API's error code; without an answer of the Bot API, the HTTP
	// status.
	Code int
	// Description is the Bot API's text, of which at most [maxDescription]
	// characters are kept.
	Description string
	// RetryAfter is how long the answer asks to wait; zero when it does not say.
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
	// Err says why there is no answer of the Bot API.
	Err error
}

// sentPrefix is how the answer to a send begins: the identifier is the first member
// of a Message. Answers of any other form are parsed as JSON.
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

// parse reads the answer to any method. An answer that is not the Bot API's
// envelope (ok, and for an error its error_code) comes from something on the way,
// and says nothing about chats, messages and tokens.
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
	switch {
	case err != nil || envelope.OK == nil || !*envelope.OK && envelope.ErrorCode == 0:
		return strange(status)
	case *envelope.OK:
		return Result{Fate: Answered, OK: true, Code: status, Body: envelope.Result}
	}
	r := Result{Fate: Answered, Code: envelope.ErrorCode, Description: shortened(envelope.Description),
		RetryAfter: seconds(envelope.Parameters.RetryAfter), MigrateTo: envelope.Parameters.MigrateToChatID}
	if r.RetryAfter == 0 {
		r.RetryAfter = retryAfterIn(r.Description)
	}
	return r
}

// maxDescription limits what is kept of a description, in characters: it is stored
// with each recipient. Telegram's own have a hundred.
const maxDescription = 1000

// shortened returns the beginning of a description that is too long to be kept.
func shortened(description string) string {
	if len(description) <= maxDescription {
		return description
	}
	n := 0
	for at := range description {
		if n++; n > maxDescription {
			// A copy: the rest of the text need not stay in memory.
			return strings.Clone(description[:at]) + "…"
		}
	}
	return description
}

// strange returns the result of an answer that is not the Bot API's. The status
// shows whether the request went on from there.
func strange(status int) Result {
	r := Result{Fate: Intercepted, Code: status, Err: fmt.Errorf("the answer (HTTP %d) is not the Bot API's", status)}
	if status < 300 || followsDelivery(status) {
		r.Fate = Lost
	}
	return r
}

// followsDelivery reports whether an answer with the status may come after the request
// has taken effect: a gateway stopped waiting for the answer, or lost it. The other
// statuses of server errors mean that the request got nowhere: 501, 503, 505 and 511,
// and Cloudflare's about connecting, 521 to 523, 525, 526 and 530.
//
// spec: tg-lost
func followsDelivery(status int) bool {
	switch status {
	case 408, 499:
		return true
	case 501, 503, 505, 511, 521, 522, 523, 525, 526, 530:
		return false
	}
	return status >= 500
}

// retryAfterIn returns how long a description asks to wait, as in "Too Many
// Requests: retry after 7" and FLOOD_WAIT_7; zero when it does not say.
//
// spec: tg-retry-after-text
func retryAfterIn(description string) time.Duration {
	d := strings.ToLower(description)
	for _, words := range []string{"retry after ", "flood_wait_"} {
		if _, rest, ok := strings.Cut(d, words); ok {
			n, _ := leadingInt([]byte(rest + "."))
			return seconds(n)
		}
	}
	return 0
}

// waitAsHeader takes the wait from the header Retry-After, in seconds, when the
// answer asks to wait without saying how long. The Bot API sends no dates in it.
//
// spec: tg-retry-after-header
func (r Result) waitAsHeader(retryAfter []byte) Result {
	if r.Code == 429 && r.RetryAfter == 0 {
		n, _ := leadingInt(append(slices.Clip(retryAfter), '.'))
		r.RetryAfter = seconds(n)
	}
	return r
}

// maxRetryAfter limits the wait that a 429 may ask for; the longest on record is
// under three hours.
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

// leadingInt reads the digits with which b begins, up to 18, which fit into an
// int64. Another character has to follow them.
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
