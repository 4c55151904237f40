// Package bench measures a whole installation from outside: it makes applicants
// with drafts, starts the program as its own processes, sends what browsers send,
// keeps every answer, and checks afterwards what the database holds.
package bench
