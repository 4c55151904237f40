// Package db opens Headwater's database, SQLite (embedded, the default) or
// PostgreSQL, and hides what differs between them.
//
// One SQL text serves both. It is written in the common subset: parameters as
// $1, $2 … (the same number may stand twice), ON CONFLICT … DO UPDATE,
// RETURNING, CTEs, window functions, FILTER. Keys are UUIDv7 as text, times
// int64 microseconds UTC (NULL for none), booleans 0 or 1, money in minor
// units, JSON as text, no triggers. The conformance test of this package holds
// the findings about what the two understand differently; where they do, write
// both texts and choose with DB.Pick.
package db
