// Package job does the work that is neither an answer nor a message going out:
// imports, webhook deliveries, sweeps. A [Queue] puts a job beside the row that
// it is about, in the same transaction; a [Worker] runs it, in this process or
// in another one over the same database. River keeps and runs the jobs
// (https://riverqueue.com/docs); nobody else knows of it.
//
// What can be relied on:
//
//   - A job exists when its transaction was committed, and not otherwise.
//   - It is run within a second or so, by one process at a time, and again after
//     each failure, as often and as late as its [Kind] says.
//   - It may be run twice: a process may die after the work and before the note
//     that it is done. Handlers are idempotent: they look at their row first and
//     do what is left to do.
//   - A job that was under way when its process was killed is run again. Where
//     there is one process at a time, its next start puts it back at once
//     (store.Jobs.ForgetWorkers). Where there are several, nobody can tell a
//     dead process from a busy one; the job is taken for stuck after its kind's
//     timeout and a [grace] of 15 seconds, found so within 30 seconds more, and
//     is then due after its kind's delay: with a timeout of one minute and a
//     delay of one second, it runs two minutes after the kill at the latest.
//   - A process that is told to stop takes no more jobs and lets those under way
//     end for ten seconds. What is not done then is put back and does not count
//     as an attempt.
//   - A periodic job is run once in each of its periods for the installation,
//     however many processes there are and however often they start.
//
// A job carries the id of a row and nothing else. What is to be done, and what
// became of it, is in that row, so that no secret, and no format that would have
// to be kept for old jobs, ends up in the queue. What a handler returns as an
// error is kept with the job and logged; it must hold no secret either.
package job
