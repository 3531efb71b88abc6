// Package live tells screens what has changed in a workspace, so that they fetch it anew. It
// carries no content but how far campaigns are that go out.
//
// There are two sources. What the APIs change is marked where they answer, in memory
// ([Hub.Mark]), and said to the other processes twice a second. What changes by itself
// (dispatch, imports, bots that are paused) is seen by a look at the few rows that stand for
// it, once a second for all who read of a workspace. So writing costs nothing more, and a
// thousand readers ask the database no more often than one.
//
// A feed keeps the last changes of its workspace under ascending numbers. A reader has its
// place among them and nothing else: one that is slow gets what it has missed in one piece,
// or is told to fetch everything.
//
// Beside that, it knows who has what open at the moment, so that two who write at one thing
// know of each other ([Hub.Visit]).
package live
