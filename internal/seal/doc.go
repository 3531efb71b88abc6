// Package seal keeps secrets unreadable in the database, and signs what comes back from
// outside.
//
// A ring of data keys does both. The keys are in the database, each sealed under the
// installation's secret key, which the operator keeps. So the secret key can be changed
// without touching what the data keys have sealed and signed, and a new data key can take
// over while older ones still open what is there: docs/adr/0042.
package seal
