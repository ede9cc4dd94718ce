// Package imapbox reads one mailbox of one account, over one connection at a time.
//
//	Open ─▶ dial, TLS, sign in, select ─▶ New (what came after a UID) ─▶ Done (moved or marked) ─▶ Wait (IDLE or a pause) ─▶ …
//
// A Box is used by one goroutine. Whatever a server does, no call of it lasts longer than its limit: a watchdog closes the
// connection under the call. After an error the Box is of no more use; the caller closes it and opens another.
//
// New never tells of a mail that is not whole, and never passes over one: it compares what it asked for with what came, asks again
// by number for what the answer left out, and gives an error rather than a gap. It never asks for ENVELOPE or BODYSTRUCTURE, which
// one broken mail is enough to break.
//
// go-imap stays behind this package: its errors, types and traps are nobody else's.
package imapbox
