package dispatch

import "time"

// The distance between two messages to one chat: a private chat takes one a
// second, a group twenty a minute (Telegram's bot FAQ), each with the margin of
// the bot's pace.
//
// spec: tg-chat-rate tg-group-rate
const (
	privateEvery = time.Second + 50*time.Millisecond
	groupEvery   = 3*time.Second + 50*time.Millisecond
)

// chatsKept limits how many chats are remembered. Only waits that Telegram asks for,
// of hours, would make them more; a chat that is forgotten too early is asked to wait
// once more.
const chatsKept = 1 << 16

// longestPace is the longest distance between two messages: that of albums of ten
// items to a group. A chat that is not free for longer has been asked to wait.
const longestPace = 10 * groupEvery

// chatPace keeps the distance between the messages to one chat, and one of
// them at a time on the wire. It remembers only chats that are not free, and at most
// [chatsKept].
type chatPace struct {
	free map[int64]time.Time
	// order holds the chats in the order in which they were taken, so that old ones
	// are found without a search through all.
	order []int64
	// wire holds the chats with a message on the wire.
	wire map[int64]struct{}
}

// take returns zero when a message to the chat may leave now, and counts it as one
// message per item. Otherwise it returns the time at which to ask again.
func (c *chatPace) take(chatID int64, now time.Time, items int) time.Time {
	c.forget(now)
	every := privateEvery
	if chatID < 0 {
		every = groupEvery
	}
	every *= time.Duration(items)
	free, busy := c.free[chatID]
	if _, out := c.wire[chatID]; out {
		return later(free, now.Add(every))
	}
	if busy && free.After(now) {
		return free
	}
	if c.free == nil {
		c.free, c.wire = map[int64]time.Time{}, map[int64]struct{}{}
	}
	c.free[chatID] = now.Add(every)
	c.wire[chatID] = struct{}{}
	if !busy {
		c.order = append(c.order, chatID)
	}
	return time.Time{}
}

// landed records that the message to the chat is not on the wire any more.
func (c *chatPace) landed(chatID int64) { delete(c.wire, chatID) }

// hold keeps the chat from getting messages until the given time.
func (c *chatPace) hold(chatID int64, until time.Time) {
	if _, known := c.free[chatID]; known {
		c.free[chatID] = later(c.free[chatID], until)
	}
}

// forget drops the chats at the front that are free again. One that has been asked
// to wait gets in line behind the others, so that it keeps none of them in memory.
func (c *chatPace) forget(now time.Time) {
	moved := false
	for len(c.order) > 0 {
		front := c.order[0]
		free := c.free[front]
		switch {
		case !free.After(now) || len(c.order) > chatsKept:
			delete(c.free, front)
		case free.Sub(now) > longestPace && !moved:
			c.order, moved = append(c.order, front), true
		default:
			return
		}
		c.order = c.order[1:]
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
