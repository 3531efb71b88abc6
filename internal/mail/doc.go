// Package mail sends letters to people who use Bellman, where an operator has named a mail
// server: invitations, and links to choose a new password. Without one they are handed over
// by hand.
package mail
