// Package retention ends the record: how long each class of it is kept, what a legal hold stops, and how a
// person, a proposal or an award is erased so that nothing of it is left while the ledger goes on verifying.
//
// It is the one room that writes to other rooms' tables: that nothing was forgotten can be checked only where
// all of it stands together, in inventory.yaml, which a test compares with the schema (docs/decisions/0008).
//
// What it promises. Erasing is one unit of work: all of a record is erased, or nothing. What a rule keeps, or a hold, stays
// whole and is named in the certificate, with the day on which it may go. Rows of others stay; in their texts the erased person's
// addresses and ORCID iD are taken out, and the name where the person took part. The tree of the ledger is not touched: payloads,
// salts and pseudonyms go, leaves and proofs stay. Content of files goes with the sweep, hours later at the latest;
// databases keep deleted bytes in their files until they are compacted (docs/operations.md).
package retention
