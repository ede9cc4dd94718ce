// Package privacy is what a person may ask of the desk about herself: to be forgotten, and to be told what is kept.
//
//	Erase ─► one transaction: keys, identities, hashes, sessions, texts of tickets (tickets, chat, sms)
//	      ─► then, in pieces: bodies of messages, files ─► the erasure is ended
//	              ▲
//	Resume ───────┘ every few minutes, for what a killed process left
//	Sweep: after a restore, everybody whose key is gone is brought to the same state
//
// After the first transaction nobody can read anything of hers; what follows makes her vanish from the disk too. The desk
// goes on: tickets, messages and ratings stay as empty rows, so that counts stay right. Copies made before (backups)
// hold her sealed rows until they are deleted, but never her keys, which lie in a file of their own: see app/backup.
//
// Holders (holders.go) says of every table that may tell of a person how it is erased and exported; a test holds it
// against the list of all columns. The package owns the table access_log.
package privacy
