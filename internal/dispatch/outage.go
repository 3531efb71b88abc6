package dispatch

// outageAfter is how many messages in a row without a usable answer make an
// outage.
const outageAfter = 3

// outage watches whether Telegram can be reached at all. Messages in a row without
// a usable answer say nothing of their chats: none came, Telegram failed, or
// something on the way, such as a firewall, answered in its place. During an outage
// nothing is sent, because it would only be lost, until a call that sends nothing
// gets its answer. It is pure.
//
// spec: tg-outage
type outage struct {
	// failed is how many messages in a row got no usable answer; inRow is as many until
	// an outage begins.
	failed, inRow int
	on            bool
}

// answered counts a message with a usable answer.
func (o *outage) answered() { *o = outage{} }

// failure counts a message without a usable answer, and reports whether an outage
// begins.
func (o *outage) failure() (begins bool) {
	o.failed++
	o.inRow++
	begins = !o.on && o.inRow >= outageAfter
	o.on = o.on || begins
	return begins
}

// end ends an outage. The next message shows whether it has ended for messages too:
// without a usable answer to it, the outage is on again.
func (o *outage) end() { o.inRow, o.on = outageAfter-1, false }

// attempt reports whether the failure that was just counted uses up an attempt of
// its recipient. A failure of Telegram's does, unless an outage was on already; an
// answer by something on the way does only if other messages got their answers.
func (o *outage) attempt(telegram bool) bool {
	return o.failed == 1 || telegram && o.inRow <= outageAfter
}
