// Package mailin turns e-mail into tickets, and what is answered in them into e-mail.
//
// Its leaves do the reading: eml parses any bytes, quote finds what was written now, plain turns HTML into text, safe makes HTML
// fit to be shown. None of them knows of the desk.
//
// In: Run reads the mailboxes (imapbox), stores every mail as it came, and makes messages of them one by one (worker.go, enter.go);
// thread.go finds the ticket, bounce.go the mail of ours that came back.
//
// Out: Replied makes a letter of a reply in the transaction in which it is said (outqueue.go), Work sends it (outwork.go), Look finds
// what is due, and Deliveries tells how far each is. ReadEvents follows the log for the desk's own answer to a first mail
// (outauto.go) and for chats whose shopper has left (outchat.go). Whatever sends comes in as Options.Send: the package knows no SMTP.
//
// It owns the tables mail_*.
package mailin
