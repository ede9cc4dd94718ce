// Package post is the demo's post office: an SMTP server that takes mails for the demo's domains, mailboxes in memory, and an IMAP
// server for those that the desk reads. So e-mail can be tried without any account.
//
//	desk, mail programs ─▶ SMTP ─┐
//	pages of /demo/mail ─▶ Send ─┴▶ Deliver ─┬▶ mailbox over IMAP (those of Options.Mailboxes)
//	                                         └▶ Letters (everybody else), read by the pages
//
// Both servers listen on the loopback only. Nothing is relayed: a mail to another domain is refused with 550. Everything is gone when
// the Office is closed. Its limits are named in limits.go.
//
// The servers are go-imap's and go-smtp's; where go-imap's mailboxes in memory are not good enough, session.go says so.
package post
