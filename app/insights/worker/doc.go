// Package worker does what grouping needs memory for, apart from the desk: in a child process of the same binary.
//
//	app/insights ── Worker ──┬─ Process ── stdin, stdout (gob) ── huiyin insights worker ── Serve ── engine
//	                         └─ Local ─────────────────────────────────────────────────────────────── engine
//
// Texts go in, members come out; the database is far away. The child is the least of all processes: it yields the
// processor and the disk to the desk (low_linux.go), keeps within a memory limit, dies with its parent and may be killed at
// any time: it knows nothing that is not asked of it again. It is started when it is needed and stopped when nothing was
// asked of it for a while, and after every pass, so that the memory is the desk's again.
//
// Process runs one pass after the other, in a child of its own, which groups new texts in between: it has the dictionary,
// and the model that holds until then, while a second child would take its share of memory once more. Questions and answers
// are numbered. Process has a goroutine per child, which reads its answers; the child has one for what is short and one for the
// pass.
package worker
