// Package mailer hands mails to one SMTP server and tells exactly how far it got.
//
//	Send   dns → connect → tls → greeting → sign-in → sender → recipient → data
//
// Every step has a time of its own, so a server that hangs holds nobody up for long, and every failure is an *Error that
// names its step. The dialogue is driven step by step over go-mail's smtp package, whose answers are typed; nothing here
// depends on the words of an error. The mail itself (headers, encodings, alternatives) is built by go-mail.
//
// TLS is verified and at least 1.2. A password never goes over a plain connection, but to this very machine. No error text
// holds an address, a secret or what the server said: those words are in Error.Detail, for the page of an administrator.
//
// It imports nothing of ours. Whose settings they are, what is written and in which queue it waits is the caller's.
package mailer
