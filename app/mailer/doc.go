// Package mailer hands mails to one SMTP server and tells exactly how far it got.
//
//	Deliver   dns → connect → tls → greeting → sign-in → sender → recipients → data     a Letter: to several people, with files
//	Send, Try                                                                           a Message: the desk's own, to one
//
// Every step has a time of its own, so a server that hangs holds nobody up for long, and every failure is an *Error that
// names its step. The dialogue is driven step by step over go-mail's smtp package, whose answers are typed; nothing here
// depends on the words of an error. A recipient who is refused is told of in the Outcome, and the others get the mail.
//
// The mail itself is written here and not by a library: it goes out while its files are read, so that no attachment is held,
// and whatever a stranger's name, subject or id holds, it makes no header (header.go is the only place that writes one).
//
// TLS is verified and at least 1.2. A password or a token never goes over a plain connection, but to this very machine. No
// error text holds an address, a secret or what the server said: those words are in Error.Detail, for the page of an
// administrator.
//
// It imports nothing of ours. Whose settings they are, what is written and in which queue it waits is the caller's.
package mailer
