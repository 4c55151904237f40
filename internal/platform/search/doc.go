// Package search finds records by their words, alike on SQLite and PostgreSQL.
//
// [token.Tokens] turns text into tokens: words in lower case, their stems, pairs of
// Chinese, Japanese and Korean characters, codes whole and in parts. Both
// databases index these tokens and nothing of their own making, and the order of
// hits comes from keys that we give, not from either's ranking. So the same
// records and the same query give the same hits in the same order on both.
//
// [Index] is the port. Records are put into it in the unit of work that changes
// them; who may find a record is part of what is matched, so that a hit that
// someone may not know of is never counted, paged over or timed.
package search
