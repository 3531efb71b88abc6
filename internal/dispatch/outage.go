package dispatch

// outageAfter is how many messages in a row without a usable answer make an
// outage.
const outageAfter = 3

// outage watches whether Telegram can be had at all. Messages in a row without a
// usable answer (none came, Telegram failed, or something on the way, such as a
// firewall, answered in its place) say nothing of their chats. In an outage
// nothing is sent, which would only be lost, until a call that sends nothing got
// its answer. It is pure.
//
// spec: tg-outage
type outage struct {
	// failed is how many messages in a row got no usable answer; inRow is the same
	// since the last outage ended.
	failed, inRow int
	on            bool
}

// answered counts a message with a usable answer.
func (o *outage) answered() { *o = outage{} }

// failure counts a message without one, and tells whether an outage begins.
func (o *outage) failure() (begins bool) {
	o.failed++
	o.inRow++
	begins = !o.on && o.inRow >= outageAfter
	o.on = o.on || begins
	return begins
}

// end ends an outage. As many messages in a row begin the next one.
func (o *outage) end() { o.inRow, o.on = 0, false }

// attempt tells whether the failure that was just counted is an attempt of its
// recipient's. Where Telegram itself failed, it is, unless an outage was on
// already; where something on the way answered, only if others got their answers.
func (o *outage) attempt(telegram bool) bool {
	return o.failed == 1 || telegram && o.inRow <= outageAfter
}
