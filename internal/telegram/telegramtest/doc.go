// Package telegramtest is the sandbox: a strict stand-in for Telegram's Bot API, for trying Bellman out, for tests,
// for chaos and for measuring. It judges the rest of Bellman and therefore shares no code with it.
//
// # Use
//
// In a test:
//
//	tg := telegramtest.Start(t, telegramtest.Options{})
//	client := …                                 // its base URL is tg.URL()
//	tg.Block(botID, 42)                         // chat 42 has blocked the bot: 403
//	_ = tg.AddFault(telegramtest.Fault{Kind: telegramtest.FaultReset, Method: "sendMessage", Every: 10})
//	got := tg.Messages(botID, 0, 0, 100)        // what arrived
//
// As a server: New, Serve, Close. Everything that can be scripted in Go can be scripted over HTTP on the same port,
// under /sandbox; GET /sandbox lists the calls with examples.
//
// # Bots and people
//
// Every well-formed token, /bot<id>:<secret>/…, is a bot, until it is scripted otherwise (SetBot, Revoke). Every chat
// is a subscriber of every bot until it is scripted otherwise (SetPerson, Block, …); with Options.KnownOnly every chat
// that was not registered is "chat not found". Positive ids are people, negative ones groups, those up to
// -1000000000000 supergroups. People act through Act: they write, share their phone, press buttons, block the bot;
// the bot hears of it by getUpdates or webhook. Public names (@channel) do not exist.
//
// # Methods
//
// getMe, sendMessage, editMessageText, editMessageReplyMarkup, deleteMessage, sendChatAction, answerCallbackQuery,
// getChat, set-, get- and deleteMyCommands, getUpdates, set- and deleteWebhook, getWebhookInfo; names in any case,
// parameters as query, form, multipart form or JSON object. Any other is 404 "Not Found: method not found".
//
// # Where it is stricter than Telegram
//
// The sandbox is meant never to accept what Telegram refuses. Where Telegram's behaviour is unknown, changes with load
// or hides mistakes, it refuses:
//   - Windows are exact. A bot gets 30 messages in any one second (1000 with allow_paid_broadcast), a private chat one
//     message in any second, a group 20 in any minute; what is over gets 429 at once. Telegram tolerates short bursts
//     to one chat; Rates.ChatBurst allows them: with a burst of 3, a chat may get 3 messages in any 3 seconds, at any
//     pace. A send that the bot's window let through counts in it even if the chat refuses it. A refused send counts
//     in no other window.
//   - parse_mode knows HTML (and none); MarkdownV2 and Markdown are "unsupported parse_mode".
//   - A keyboard of more than 12 buttons in a row or 100 in all, or with an empty button, is refused; Telegram drops
//     what is too much.
//   - JSON is read by RFC 8259 to the letter.
//
// # Where it does less
//
// Messages get no entities that their sender did not give: addresses, hashtags and commands in them are not found
// automatically. Webhook calls are made one at a time, and what they answer is not carried out as a call. Updates do
// not expire. Which custom emoji, effects and topics exist is not known: every emoji and effect with a number does, no
// topic does. A paid broadcast costs nothing; Bot.Unpaid refuses it.
//
// # What is kept
//
// Options.Keep says what is remembered of accepted messages; every mode counts them, and all but KeepTotals count
// duplicates: messages with a bot, chat and text that were received before. Options.Log gets a line of JSON for each
// message before it is answered, so that what was delivered survives whatever happens to the sender.
package telegramtest
