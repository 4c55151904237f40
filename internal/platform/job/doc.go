// Package job is the work that follows a commit: a mail to send, an index to
// mend, a deadline to act on. A job is a row written in the unit of work that
// asks for it, so that it exists exactly if what it follows from does.
//
// Jobs wait in one table; a worker takes one by putting a lease on its row, so
// that any process on the database may work and one that dies loses nothing.
// A job may run twice (a worker can die between the work and the note of it):
// what a handler does must bear that. docs/decisions/0004-jobs.md says why the queue
// is our own.
package job
