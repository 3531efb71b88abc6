// Package e2e holds the end-to-end judge: the built binary between two programs that this project did not write, a
// stand-in for Telegram from npm (telegram-test-api) and a customer's bot on a popular library (examples). `make test`
// installs what it needs and runs it.
package e2e
