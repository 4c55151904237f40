// Package account is who signs in: accounts with e-mail and password, sessions
// on the server, roles as rows, and acting for another person. An account is
// not a person (that is the register's) and not a role (that is a row).
//
// A session's secret is 32 random bytes in a cookie; only its SHA-256 is
// stored. Passwords are kept as argon2id (RFC 9106). An address that is not known
// gets the same answer, after the same work, as a wrong password.
package account
