package message_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/message"
)

// typical is what figures are about: 300 characters, three variables, one
// condition, one counted link and one button.
func typical() message.Content {
	text := `Hi {{ contact.firstName | default: "friend" }}! <b>Your order {{ data.order.id }} is on its way.</b>

{% if data.order.express %}It comes <i>tomorrow</i> before noon.{% else %}It comes within three days.{% endif %}

Total: {{ data.order.total }}. See <a href="https://shop.example/orders?from=telegram">where it is</a>.
`
	text += strings.Repeat("x", 300-len(text)%300-40)
	return message.Content{Version: message.Version{
		Text:    text,
		Buttons: [][]message.Button{{{Text: "To the shop", URL: "https://shop.example/sale"}}},
	}}
}

func typicalRecipient() message.Recipient {
	return message.Recipient{
		ChatID: 1234567,
		Person: &message.Person{
			ContactID: 7, FirstName: "Олена", LanguageCode: "uk",
			Data: json.RawMessage(`{"order":{"id":"A-1043","total":1250.5,"express":true}}`),
		},
		Link: func(int, string) string { return "https://go.shop.example/r/AbCdEfGhIjKlMnOpQrStUv" },
	}
}

func BenchmarkCompose(b *testing.B) {
	for name, content := range map[string]message.Content{
		"plain": message.Text("Hello, <b>20% off</b> until Sunday"), "typical": typical(),
		"loop": message.Text("{% for i in (1..3) %}{{ i }}. {{ contact.firstName }} {% endfor %}"),
		"case": message.Text("{% case contact.languageCode %}{% when 'en' %}Hello{% when 'uk', 'ru' %}Вітаємо{% else %}Hi{% endcase %}, " +
			"{{ contact.firstName }}"),
		"link": message.Text(`See <a href="https://shop.example/sale">the sale</a>`),
	} {
		b.Run(name, func(b *testing.B) {
			template, err := message.Compile(content)
			require.NoError(b, err)
			to := typicalRecipient()
			var body []byte
			b.ReportAllocs()
			for b.Loop() {
				call, err := template.Compose(body[:0], to)
				if err != nil {
					b.Fatal(err)
				}
				body = call.Body
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	content := typical()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := message.Compile(content); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	content := typical()
	b.ReportAllocs()
	for b.Loop() {
		if err := content.Check(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	text := `Total: 1250.50. See <a href="https://shop.example/orders?from=telegram">where it is</a>. ` + "<b>bold <i>both</i></b> &amp; " +
		strings.Repeat("Привіт ", 30)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if message.Plain(text) == text {
			b.Fatal("nothing was parsed")
		}
	}
}
