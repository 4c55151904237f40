// Package mail tells people by e-mail. A message is written, in its reader's
// language, in the unit of work that it tells of; a job sends it by SMTP
// afterwards and tries again for days where the other side is not there; what was
// given up can be looked at and sent again. Messages of one
// digest to one person go out together as one mail, so that nobody is flooded.
// Where no mail server is configured (the demonstration), messages can be read
// in the outbox and are never sent.
package mail
