// Package bot turns a BotFather token into a connected bot.
//
// A bot is known outside by its app_uuid. Its token is sealed before it is
// stored, under a key that lives outside the database, and never leaves this
// package and the Telegram client in the clear.
package bot
