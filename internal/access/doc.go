// Package access decides who may call: systems with API keys, and people who sign in.
//
// A [Caller] is one of both. What it may do are its rights ([Right]): those of the scope
// of a key ([Scope]), or of the role that a person has in the workspace ([Role]). Which
// right a call needs is a table of the API that has it.
//
// [Keys] makes and checks keys. [People] keeps users, their roles and sessions, and the
// links by which they come in. Of secrets, the database has hashes alone.
package access
