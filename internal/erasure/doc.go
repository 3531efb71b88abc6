// Package erasure does what the law asks for one person: it exports all that is kept of
// them ([Exporter]), and removes it ([Service]).
//
// An erasure begins with the transaction in which the contact goes (package contact),
// which leaves a row behind: who it was. From then on nobody finds the contact, and
// nothing is sent to it. A loop removes what else there is, a bounded piece in each
// transaction, and notes there how far it has come; in the end the row forgets who it
// was. Rows that sums are made of stay, without anything that leads to the person.
//
// Which tables have what of a person, and what becomes of it, stands in docs/adr/0040.
package erasure
