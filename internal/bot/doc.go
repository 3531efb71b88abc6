// Package bot turns a BotFather token into a connected bot.
//
// Outside, a bot is known by its app_uuid. Its token is sealed before it is stored,
// under a key that is kept outside the database, and never leaves this package and
// the Telegram client unsealed.
package bot
