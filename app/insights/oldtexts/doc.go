// Package oldtexts takes old chats, reviews and tickets from files straight into the groups of complaints. No ticket is opened.
//
//	CSV, XLSX ─▶ Upload ─▶ Preview: which column holds what ─▶ Start ─▶ job: Work ─▶ insights.TakeTx
//	                                                                      TakeBack ─▶ job: Work ─▶ insights.WithdrawTx
//
// One line is one text, or one turn of a chat: the turns of a chat are one subject, and only what the customer said counts
// (who.go); some programs put a whole chat into one cell (talk.go). A line that was taken is known by a keyed hash of all that
// it says, so that a file that is sent twice, or two files that overlap, count once. How far an import is stands in the
// transaction of its lines (run.go), so it may be killed at any time and goes on where it stood.
//
// # Whose texts these are
//
// Files name people whom the desk does not know. Their names and addresses are not read, and their numbers only as part of
// the line's hash. A text is sealed with a key of nobody that belongs to the import: taking the import back forgets the
// key, so that copies of the database forget the texts too. Where the order of a line is known to the desk its buyer is the
// person who spoke: then the text is sealed with her key, and goes when she is erased.
//
// The package owns the tables insight_imports, insight_import_faults and insight_import_lines and no goroutine.
package oldtexts
