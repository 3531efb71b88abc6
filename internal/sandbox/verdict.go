package sandbox

// Verdict returns what a sandbox of this configuration would answer to a call that sends a message: the description of
// the refusal, such as "Bad Request: message text is empty", or "" when it accepts the call. It is meant for tests
// that compare another judge of messages with this one, a hundred thousand times over: no HTTP, no windows, nothing is
// recorded, and neither faults nor scripted bots and people count.
//
// The body is the call's JSON. Its bot knows every chat. It also knows every file_id of the form
//
//	sandbox-<kind>-<anything>
//
// where kind is photo, video, animation, document, audio or voice: a file of that kind which it has sent before. No
// other bot of a sandbox knows such an id. A method that sends no messages is "Not Found: method not found".
//
// It is safe for concurrent use.
func (s *Sandbox) Verdict(method string, body []byte) string {
	check, ok := senders[lowerString([]byte(method))]
	if !ok {
		return errNoMethod.description
	}
	c := calls.Get().(*call)
	defer c.release()
	c.sandbox, c.bot = s, s.examiner
	err := c.params.decode(nil, []byte("application/json"), body)
	if err == nil {
		err = check(c)
	}
	if err != nil {
		return asRefusal(err).description
	}
	return ""
}
