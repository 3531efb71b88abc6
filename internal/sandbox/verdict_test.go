package sandbox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/sandbox"
)

func TestVerdict(t *testing.T) {
	t.Parallel()
	s := sandbox.New(sandbox.Options{KnownOnly: true})
	for _, c := range []struct{ method, body, description string }{
		{"sendMessage", `{"chat_id":42,"text":"<b>x</b>","parse_mode":"HTML"}`, ""},
		{"SENDMESSAGE", `{"chat_id":42,"text":"x"}`, ""},
		{"sendMessage", `{"chat_id":42,"text":""}`, "Bad Request: message text is empty"},
		{"sendMessage", `{"text":"x"}`, "Bad Request: chat_id is empty"},
		{"sendMessage", `{"chat_id":42,"text":"<br>","parse_mode":"HTML"}`,
			`Bad Request: can't parse entities: Unsupported start tag "br" at byte offset 0`},
		{"sendMessage", `{`, "Bad Request: can't parse JSON object"},
		{"sendPhoto", `{"chat_id":42,"photo":"sandbox-photo-1","caption":"x"}`, ""},
		{"sendPhoto", `{"chat_id":42,"photo":"sandbox-video-1"}`, "Bad Request: can't use file of type Video as Photo"},
		{"sendPhoto", `{"chat_id":42,"photo":"sandbox-photo-"}`, "Bad Request: wrong file identifier/HTTP URL specified"},
		{"sendVideo", `{"chat_id":42,"video":"sandbox-video-a_b"}`, ""},
		{"sendVoice", `{"chat_id":42,"voice":"sandbox-voice-1"}`, ""},
		{"sendAudio", `{"chat_id":42,"audio":"sandbox-audio-1"}`, ""},
		{"sendAnimation", `{"chat_id":42,"animation":"sandbox-animation-1"}`, ""},
		{"sendDocument", `{"chat_id":42,"document":"sandbox-document-1"}`, ""},
		{"sendPhoto", `{"chat_id":42,"photo":"https://example.com/a.jpg"}`, ""},
		{"sendPhoto", `{"chat_id":42,"photo":"https://example.com/missing/a.jpg"}`, "Bad Request: failed to get HTTP URL content"},
		{"sendMediaGroup", `{"chat_id":42,"media":[{"type":"photo","media":"sandbox-photo-1"},{"type":"video","media":"sandbox-video-1"}]}`, ""},
		{"sendMediaGroup", `{"chat_id":42,"media":[{"type":"photo","media":"sandbox-photo-1"},{"type":"audio","media":"sandbox-audio-1"}]}`,
			"Bad Request: audio can't be mixed with other media types"},
		{"getMe", `{}`, "Not Found: method not found"},
		{"sendDice", `{"chat_id":42}`, "Not Found: method not found"},
	} {
		for range 3 {
			require.Equal(t, c.description, s.Verdict(c.method, []byte(c.body)), "%s %s", c.method, c.body)
		}
	}
	require.Zero(t, s.Stats().Messages)
	require.Zero(t, s.Stats().Requests)
	require.Empty(t, s.Bots())
	require.Empty(t, s.Files(0))
}

// FuzzVerdict: every call gets a verdict, and the same one twice.
func FuzzVerdict(f *testing.F) {
	for _, seed := range []string{
		`{"chat_id":42,"text":"<b>x</b>","parse_mode":"HTML"}`,
		`{"chat_id":42,"photo":"sandbox-photo-1","caption":"<i>x</i>","parse_mode":"HTML"}`,
		`{"chat_id":42,"media":[{"type":"photo","media":"sandbox-photo-1"},{"type":"video","media":"https://example.com/a.mp4","caption":"x"}]}`,
	} {
		f.Add(uint8(len(seed)), []byte(seed))
	}
	s := sandbox.New(sandbox.Options{})
	methods := []string{"sendMessage", "sendPhoto", "sendVideo", "sendAnimation", "sendDocument", "sendAudio", "sendVoice", "sendMediaGroup"}
	f.Fuzz(func(t *testing.T, method uint8, body []byte) {
		name := methods[int(method)%len(methods)]
		first := s.Verdict(name, body)
		require.Equal(t, first, s.Verdict(name, body))
		if first != "" {
			require.Contains(t, first, "Bad Request: ")
		}
	})
}

// BenchmarkVerdict measures the cost of a judgement in a fuzz test.
func BenchmarkVerdict(b *testing.B) {
	s := sandbox.New(sandbox.Options{})
	body := []byte(`{"chat_id":42,"text":"<b>Good morning!</b> Today <a href=\"https://example.com/r/1\">everything</a> ` +
		`is cheaper.","parse_mode":"HTML","reply_markup":{"inline_keyboard":[[{"text":"Shop","url":"https://example.com/shop"}]]}}`)
	b.ReportAllocs()
	for b.Loop() {
		require.Empty(b, s.Verdict("sendMessage", body))
	}
}
