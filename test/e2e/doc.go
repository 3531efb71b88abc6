// Package e2e has the end-to-end tests: the built binary between two programs that this project did not write, a
// stand-in for Telegram from npm (telegram-test-api) and a customer's bot on a popular library (examples). `make test`
// installs what they need and runs them.
package e2e
