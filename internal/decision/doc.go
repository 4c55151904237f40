// Package decision is who gets what, and why: a list of a call's proposals by
// score, an outcome with reasons for each, a proposal to decide and a second
// signature by somebody else, and a letter to each applicant with the reviews.
// What was signed is superseded, never edited.
package decision
