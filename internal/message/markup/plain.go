package markup

// Plain returns what people see of a text in Telegram's HTML; a text that
// Telegram would refuse comes back as it is.
func Plain(html string) string {
	var p Parser
	if f := p.Parse([]byte(html)); f != nil {
		return html
	}
	return string(p.Text())
}
