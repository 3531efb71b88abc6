package mail

// Office is what it takes to write to people.
type Office struct {
	*Mailer
	*Post

	// Home is the address at which people reach Bellman, without a slash at its end. It is
	// never taken from a request: whoever asks for a letter in the name of somebody else
	// could have it lead elsewhere.
	Home string
}

// Link returns the address of a link with the secret. What stands behind the # is sent to no
// server.
func (o *Office) Link(secret string) string { return o.Home + "/start#" + secret }
