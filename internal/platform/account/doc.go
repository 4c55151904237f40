// Package account is who signs in: accounts with e-mail and password, other
// providers (OpenID Connect), sessions on the server, roles as rows, tokens for
// programs, and acting for another person. An account is not a person (that is
// the register's) and not a role (that is a row).
//
// What it promises:
//
//   - A secret (session, link, token) is 32 random bytes that only its holder has;
//     the database keeps its SHA-256. Passwords are kept as argon2id (RFC 9106).
//   - Nobody learns from an answer, its status or the work behind it whether an
//     address has an account. Signing in, recovering a password, making an account
//     and offering to be acted for all answer an unknown address like a known one.
//   - Links in mails work once, and only until their time is over.
//   - Every change of who may do what is in the ledger, in the same transaction.
package account
