// Package proposal is what applicants write: a team, answers to the scheme's
// form, files, and what was submitted, whole and hashed.
//
// Answers are stored one row a field, each with its version, so that two people
// who write different fields at once never meet, and two who write the same
// field are both told, with both texts. In time means that the first byte of the
// submission arrived before the deadline (and the call's grace). What was submitted is never
// edited; submitting again adds a submission, and the last one counts.
package proposal
