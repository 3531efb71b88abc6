package sandbox

import (
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Limits of getUpdates.
const (
	maxUpdates  = 100
	maxLongPoll = 50 * time.Second
)

// update is something that happened to a bot.
type update struct {
	id   int64
	kind string // message, callback_query, my_chat_member, …
	body []byte // the object of that kind
}

func (u *update) append(dst []byte) []byte {
	dst = append(dst, `{"update_id":`...)
	dst = strconv.AppendInt(dst, u.id, 10)
	dst = append(dst, `,"`...)
	dst = append(dst, u.kind...)
	dst = append(dst, `":`...)
	dst = append(dst, u.body...)
	return append(dst, '}')
}

// CallbackAnswer is a bot's answer to a pressed button.
type CallbackAnswer struct {
	QueryID  string `json:"queryId"`
	Answered bool   `json:"answered"`
	Text     string `json:"text,omitempty"`
	Alert    bool   `json:"alert,omitempty"`
}

// updates is the queue of updates that a bot has not got yet, and their receiver: a long poll or a webhook.
type updates struct {
	mu      sync.Mutex
	queue   []update
	last    int64
	allowed []string // kinds; empty: all but those that must be asked for
	poll    *poll
	news    chan struct{} // closed and replaced whenever the queue grows
	queries map[string]*CallbackAnswer
	webhook *webhook
	setAt   time.Time // when setWebhook was last called
}

// poll is a getUpdates that waits.
type poll struct {
	ended chan *refusal // receives why, when somebody else takes over
}

func (u *updates) init() {
	u.news = make(chan struct{})
	u.queries = make(map[string]*CallbackAnswer)
}

// onRequest are the kinds of updates that a bot gets only if it names them.
var onRequest = []string{"chat_member", "message_reaction", "message_reaction_count"}

// add queues an update and returns its id; 0 if the bot does not want that kind.
func (u *updates) add(kind string, body []byte) int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.allowed) > 0 && !slices.Contains(u.allowed, kind) || len(u.allowed) == 0 && slices.Contains(onRequest, kind) {
		return 0
	}
	u.last++
	u.queue = append(u.queue, update{u.last, kind, body})
	close(u.news)
	u.news = make(chan struct{})
	return u.last
}

// allow reads an allowed_updates parameter; an absent one changes nothing.
func (u *updates) allow(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	v, err := parseJSON(data)
	if err != nil || v.kind != kindArray {
		return errors.New("can't parse allowed_updates: Expected an Array of String")
	}
	kinds := []string{}
	for i := range v.items {
		if v.items[i].kind != kindString {
			return errors.New("can't parse allowed_updates: Expected an Array of String")
		}
		kinds = append(kinds, string(v.items[i].text))
	}
	u.allowed = kinds
	return nil
}

// end makes a waiting getUpdates give up.
func (u *updates) end(why *refusal) {
	if u.poll != nil {
		u.poll.ended <- why
		u.poll = nil
	}
}

// answer records the answer to a pressed button; false if there is no such query or it has been answered.
func (u *updates) answer(query, text string, alert bool) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	q := u.queries[query]
	if q == nil || q.Answered {
		return false
	}
	q.Answered, q.Text, q.Alert = true, text, alert
	return true
}

func (c *call) getUpdates() error {
	u := &c.bot.updates
	p := &poll{ended: make(chan *refusal, 1)}
	limit := int(c.params.integer("limit", maxUpdates))
	if limit < 1 || limit > maxUpdates {
		limit = maxUpdates
	}
	timeout := min(time.Duration(max(0, c.params.integer("timeout", 0)))*time.Second, maxLongPoll)
	if err := u.join(p, c.params.integer("offset", 0), c.params.get("allowed_updates")); err != nil {
		return err
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		list, news := u.take(p, limit, timeout == 0)
		if len(list) > 0 || timeout == 0 {
			c.appendUpdates(list)
			return nil
		}
		select {
		case <-news:
		case why := <-p.ended:
			return why
		case <-timer.C:
			timeout = 0
		case <-c.sandbox.done:
			return &refusal{code: 500, description: "Internal Server Error: restart"}
		}
	}
}

// join makes a getUpdates the receiver, and drops the updates that its offset confirms.
func (u *updates) join(p *poll, offset int64, allowed []byte) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.webhook != nil {
		return conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	if err := u.allow(allowed); err != nil {
		return err
	}
	u.end(conflict("terminated by other getUpdates request; make sure that only one bot instance is running"))
	u.poll = p
	u.confirm(offset)
	return nil
}

// confirm drops the updates before an offset; a negative one counts from the end.
func (u *updates) confirm(offset int64) {
	if offset < 0 {
		u.queue = u.queue[max(0, int64(len(u.queue))+offset):]
		return
	}
	i := 0
	for i < len(u.queue) && u.queue[i].id < offset {
		i++
	}
	u.queue = slices.Delete(u.queue, 0, i)
}

// take returns the first updates of the queue, which stay in it. A poll that gets some, or is done, stops waiting.
func (u *updates) take(p *poll, limit int, done bool) ([]update, <-chan struct{}) {
	u.mu.Lock()
	defer u.mu.Unlock()
	list := slices.Clone(u.queue[:min(limit, len(u.queue))])
	if (len(list) > 0 || done) && u.poll == p {
		u.poll = nil
	}
	return list, u.news
}

func (c *call) appendUpdates(list []update) {
	c.out = append(c.out, '[')
	for i := range list {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.out = list[i].append(c.out)
	}
	c.out = append(c.out, ']')
}
