// Package blob keeps files apart from the database: in the data folder, or in a bucket that speaks S3.
//
// A Store knows names and bytes. Names are random, and nothing about a file can be told from one. Seal and Open
// (stream.go) put a file through AES-256-GCM in pieces of 64 KiB on its way: each piece is bound to its file, its place
// and whether it is the last, so that a file that was cut, reordered or swapped does not open. The keys are the
// caller's; who may see a file is the caller's affair too.
//
// It imports nothing of ours and starts no goroutine.
package blob
