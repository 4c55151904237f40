// Package exchange takes records in from other systems: a mapping (YAML) says
// how the columns of a foreign file become our records, so that a funder's
// export needs configuration and no program.
//
// A run reads row by row, turns each row into an Item by the mapping's rules,
// and writes what is new or changed through the rooms' services, a batch in one
// unit of work with one ledger entry. A row that cannot be taken in is reported
// with its line, column and value, and goes to a reject file; the others go in.
// What a row became is remembered under its key and a hash of its content, so
// that running twice changes nothing.
package exchange
