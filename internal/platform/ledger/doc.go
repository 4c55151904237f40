// Package ledger is the record that cannot be quietly altered.
//
// Every committed act appends an entry in its own transaction, without touching
// anything that other writers touch. A sequencer places entries in batches by
// compare-and-set on one head row and seals each batch with a signed tree head.
// Entries are the leaves of a Merkle tree (RFC 6962); heads are signed notes
// (C2SP). A leaf commits to a salted hash of its payload and names people by
// pseudonym, so that payload, salt and pseudonym can be erased while every proof
// goes on holding.
//
// Leaf bytes, version 1: the text "headwater-leaf/1\n" and then, each on a line
// of its own: id, time in microseconds since 1970 UTC, actor's pseudonym,
// pseudonym of the person acted for, delegation, act, kind of subject, key of
// subject, agency, and hex SHA-256(salt ‖ payload). None of them can hold a line
// end. docs/ledger.md tells how to check all of it by hand.
package ledger
