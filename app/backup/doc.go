// Package backup copies a desk while it works, puts a copy back, and proves that a copy can be put back.
//
// A backup is two files. FILE holds every table but the data keys, and the files that people sent, sealed as they lie
// there. FILE.keys holds the data keys, wrapped by the master keys, and the fingerprints of those; the key ring itself
// is in neither. Only the newest FILE.keys is kept and opens every FILE: who was erased since has no key in it, so no
// older copy brings her back; an erasure writes it anew (keys.go) and does not wait for the next backup.
//
// Both are tar in zstd (archive.go): a header first, the tables in blocks, the files, and at the end a manifest with
// the counts and sums of all of it, without which a copy is refused as cut. write.go makes one from a db.Snapshot,
// restore.go fills an empty place from one, prove.go fills a scratch place and compares every row and file with the
// manifest. run.go makes the daily copy when its time has come, on one of the desk's nodes (alone.go), if there is room
// (room.go); keep.go tidies the folder of the daily copies, folders.go knows those of the other nodes.
//
// It knows the tables only as bytes, so that a new table is in the next backup without a line here. It owns no table. Loop
// is the caller's goroutine; while a backup is made beside other nodes one more renews its lease.
package backup
