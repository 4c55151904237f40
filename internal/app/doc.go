// Package app puts the rooms together: it opens the database, makes each
// room's service, fills the small interfaces that rooms declare about the rooms
// below them, and gives the whole as one http.Handler. The program in
// cmd/headwater and the tests of the whole both start here.
package app
