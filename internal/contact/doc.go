// Package contact keeps people: their identifiers, what is known about them, and
// the chats they opened with the bots.
//
// Contacts come in three ways: with their chats ([Service.AddTokens]; the
// integration API calls a chat id a token), one by one ([Service.Save]), and in
// bulk ([Service.Import]). Each has its own rules about which contact is meant. The
// rules are pure and are in resolve.go, save.go and resolve_import.go: they find
// contacts in an index and write to a draft, whose plan the store carries out
// ([Store.Decide]). Decisions of one workspace act one after another.
//
// All identifiers are read by [Reader], whatever way they come in.
//
// A chat is added or removed, never moved. A deleted contact has no chats and is in
// no list; its row stays, so that its externalCustomerId can bring it back. An
// erased contact is gone.
package contact
