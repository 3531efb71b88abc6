package dispatch

// RetireWithin is how long a sender that winds up waits for its answers.
const RetireWithin = retireWithin
