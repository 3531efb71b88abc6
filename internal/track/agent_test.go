package track_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/track"
)

func TestAgentOfPeople(t *testing.T) {
	t.Parallel()
	for agent, family := range map[string]string{
		"Mozilla/5.0 (Linux; Android 13; SM-A536E Build/TP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 " +
			"Chrome/120.0.0.0 Mobile Safari/537.36 CamScanner/6.50": "Chrome",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 CamScanner": "Safari",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36":          "Chrome",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36":          "Chrome",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
			"CriOS/130.0.6723.37 Mobile/15E148 Safari/604.1": "Chrome",
		"Mozilla/5.0 (Linux; Android 9; CUBOT X19 Build/PPR1) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Chrome/119.0.0.0 Mobile Safari/537.36": "Chrome",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
			"Version/17.6 Mobile/15E148 Safari/604.1": "Safari",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148":         "Safari",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15": "Safari",
		"Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0":                                                "Firefox",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
			"FxiOS/131.0 Mobile/15E148 Safari/605.1.15": "Firefox",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36 Edg/129.0.0.0": "Edge",
		"Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36": "Samsung Internet",
		"Mozilla/5.0 (Linux; Android 13; 22101316G) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Chrome/128.0.0.0 Mobile Safari/537.36 OPR/84.0.0.0": "Opera",
		"Mozilla/5.0 (Linux; arm_64; Android 13; SM-A536E) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Chrome/126.0.0.0 YaBrowser/24.7.1.100.00 SA/3 Mobile Safari/537.36": "Yandex Browser",
		"Mozilla/5.0 (Linux; Android 13; K) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Chrome/129.0.0.0 Mobile Safari/537.36 Telegram-Android/11.2.3 (Samsung A54; Android 13; HIGH)": "Telegram",
		"Something/1.0": "",
		"Something/1.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X)": "",
		"Something/1.0 (X11; Linux x86_64) AppleWebKit/605.1.15":   "",
		"'; DROP TABLE clicks; --<script>":                         "",
	} {
		t.Run(agent, func(t *testing.T) {
			t.Parallel()
			got, person := track.Agent(agent)
			require.True(t, person)
			require.Equal(t, family, got)
		})
	}
}

func TestAgentOfMachines(t *testing.T) {
	t.Parallel()
	for _, agent := range []string{
		"TelegramBot (like TwitterBot)",
		"Twitterbot/1.0",
		"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
		"WhatsApp/2.23.20.0 A", "WhatsApp", "Viber/13.3.0 CFNetwork/1197 Darwin/20.0.0", "Viber", "", "  ", "GoogleMessages/20260101",
		"Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; mailto:support@bsky.app)", "Kaspersky Lab", "clamav/0.103.8 (OS: Linux)",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; Google-PageRenderer Google) Chrome/56.0.2924.87 Safari/537.36",
		"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
		"Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
		"LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
		"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Chrome/127.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
		"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) " +
			"Chrome/116.0.1938.76 Safari/537.36",
		"Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
		"Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
			"Version/13.1.1 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
		"Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/125.0.0.0 Safari/537.36",
		"Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)",
		"curl/8.9.1", "Wget/1.24.5", "python-requests/2.32.3", "Go-http-client/1.1", "okhttp/4.12.0", "Java/17.0.2", "axios/1.7.7",
		"SomeNewBot", "My Crawler 1.0", "Link preview 3",
	} {
		t.Run(agent, func(t *testing.T) {
			t.Parallel()
			family, person := track.Agent(agent)
			require.False(t, person)
			require.Empty(t, family)
		})
	}
}

// A User-Agent can be anything: it breaks nothing, and is not stored in the
// database.
func FuzzAgent(f *testing.F) {
	f.Add("TelegramBot (like TwitterBot)")
	f.Add("Mozilla/5.0 (Linux; Android 10; K) Chrome/1 Safari/1")
	f.Add("(;;)[:/]http://x" + strings.Repeat("(", 600))
	f.Fuzz(func(t *testing.T, agent string) {
		family, _ := track.Agent(agent)
		require.LessOrEqual(t, len(family), 20)
		again, _ := track.Agent(agent)
		require.Equal(t, family, again)
	})
}

func BenchmarkAgent(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		track.Agent("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36")
	}
}
