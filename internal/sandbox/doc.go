// Package sandbox is the sandbox: a strict stand-in for Telegram's Bot API, for trying Bellman out, for tests,
// for chaos and for measuring. It judges the rest of Bellman and therefore shares no code with it.
//
// # Use
//
// In a test:
//
//	tg := sandbox.Start(t, sandbox.Options{})
//	client := …                                 // its base URL is tg.URL()
//	tg.Block(botID, 42)                         // chat 42 has blocked the bot: 403
//	_ = tg.AddFault(sandbox.Fault{Kind: sandbox.FaultReset, Method: "sendMessage", Every: 10})
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
// getMe, sendMessage, sendPhoto, sendVideo, sendAnimation, sendDocument, sendAudio, sendVoice, sendMediaGroup,
// editMessageText, editMessageMedia, editMessageReplyMarkup, deleteMessage, getFile, sendChatAction, answerCallbackQuery, getChat, set-,
// get- and deleteMyCommands, getUpdates, set- and deleteWebhook, getWebhookInfo; names in any case, parameters as query,
// form, multipart form or JSON object. Any other is 404 "Not Found: method not found".
//
// # Files
//
// A file comes with the call (in the field itself, or in the one that attach://field names), by the file_id of a file
// that this bot has sent, or by a URL. Bytes are looked into: a photo is a JPEG, PNG or WebP of at most 10 MB, whose
// header says width + height ≤ 10000 and a ratio ≤ 20; others have at most 50 MB. A file that is not what its method is
// for (MP4 for a video, GIF or MP4 for an animation, MP3 or M4A for audio, Ogg, MP3 or M4A for voice) becomes a document,
// a GIF sent as a document an animation. A video whose file name contains "soundless" has no sound: it becomes an
// animation, but in an album.
//
// Files of a URL are never fetched; the URL decides:
//   - a host that is no public one (.invalid, .test, .local, .localhost, .internal, a private address), a path with
//     /missing/ in it, or ?size= with more bytes than Telegram fetches (5 MB for a photo, 20 MB for others) is "failed
//     to get HTTP URL content";
//   - a path with an ending that the method does not fetch (.html for a photo, all but .gif, .pdf and .zip for a
//     document) is "wrong type of the web page content";
//   - all others are what they should be.
//
// Files returns the files that each bot has sent, and so does the control API: one entry for each upload or URL,
// however often it was sent by file_id. GET /file/bot<token>/<file_path> returns uploaded bytes, with KeepMessages.
//
// # Where it is stricter than Telegram
//
// The sandbox is meant never to accept what Telegram refuses. Where Telegram's behaviour is unknown, changes with load
// or hides mistakes, it refuses:
//   - Windows are exact. A bot gets 30 messages in any one second (1000 with allow_paid_broadcast), a private chat one
//     message in any second, a group 20 in any minute; a call above that gets 429 at once. Telegram tolerates short bursts
//     to one chat; Rates.ChatBurst allows them: with a burst of 3, a chat may get 3 messages in any 3 seconds, at any
//     pace. A send that the bot's window let through counts in it even if the chat refuses it. A refused send counts
//     in no other window.
//   - parse_mode knows HTML (and none); MarkdownV2 and Markdown are "unsupported parse_mode".
//   - A keyboard of more than 12 buttons in a row or 100 in all, or with an empty button, is refused; Telegram drops
//     the excess.
//   - An album counts as its items. Where it has more than a window holds, it is let into an empty window and fills the
//     next ones: a private chat takes the message after an album of three three seconds later. An album of one item is
//     refused; Telegram sends it as a message.
//   - A GIF is no photo. A file that an album's item is not for is refused and becomes no document.
//   - JSON is read by RFC 8259 to the letter.
//
// # Where it does less
//
// Thumbnails and covers are ignored. The size and the duration of a video or of audio are what its sender says, 0
// without. A file_id is forgotten when the sandbox ends. Messages get no entities that their sender did not give:
// addresses, hashtags and commands in them are not found automatically. Webhook calls are made one at a time, and what
// they answer is not carried out as a call. Updates do not expire. Which custom emoji, effects and topics exist is not
// known: every emoji and effect with a number does, no topic does. A paid broadcast costs nothing; Bot.Unpaid refuses it.
//
// # What is kept
//
// Options.Keep says how much of accepted messages is remembered; every mode counts them, and all but KeepTotals count
// duplicates: messages with a bot, chat, text and file that were received before. Options.Log gets a line of JSON for
// each message before it is answered, so that the record of deliveries survives whatever happens to the sender.
package sandbox
