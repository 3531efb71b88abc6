// Package harness runs the built bellman as an operator does, in processes of its own, and compares from outside what
// it reports with what arrived: the broadcast of [Client] with the journal of [Sandbox], by [Compare].
//
// Every process writes its output into a log file of [Program.Folder] and ends, on Linux, with the one that started it.
package harness
