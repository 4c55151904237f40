// Package file keeps what people upload: content-addressed in a folder, so that
// the same content is stored once, while each use has a row of its own. Having a
// file already is not visible to anybody: the answer and what it takes are the
// same, as every upload is written, hashed and put to the disk in full.
//
// Content is on the disk before its row is committed and goes only after the
// row has: Sweep removes what no row names, an hour later at the earliest.
package file
