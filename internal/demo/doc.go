// Package demo makes the Republic of Aldermere: a fictional country with its
// agencies, organisations, people, calls at every stage, proposals one can read,
// reviews, awards and results. Everybody in it is invented. The same day gives
// the same country, to the byte of every key.
package demo
