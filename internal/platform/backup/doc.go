// Package backup copies the database of an installation into a folder, and its files beside it,
// and makes a database and files of such a folder again. It knows no room.
//
// What a folder holds belongs together: the newest head of the ledger is taken before the
// database, so that the copy can be checked against it, and files are copied
// before and after, so that every one that the copied database names is among them. A manifest with the
// SHA-256 of every part is written last: what it does not fit is named, and is not restored. It finds damage, not forgery:
// whoever can change the folder can write another manifest, unless its sum is kept elsewhere. The folder holds
// the ledger's signing key and everything confidential: it is for nobody else to read.
package backup
