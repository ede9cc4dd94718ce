// Package probe tries out a mailbox, step by step, and tells what fails in words that a page can put into a language.
//
//	name → connect → tls → sign_in → folder → processed     of IMAP
//	smtp                                                    the desk's own sender does its steps and says which failed
//	arrives                                                 a mail to the mailbox's own address comes back
//	plus                                                    one to address+token@ comes back too
//
// Run reports each step as it begins and as it ends, on the goroutine that called it. What did not run is reported as skipped, so
// that whoever shows the steps has all of them at the end. The two mails of a test are put away as taken mails are; the desk's own
// reader may be quicker, so the folder of taken mails is looked into as well.
//
// Texts are mailbox.step.STEP, mailbox.why.REASON and mailbox.mend.REASON. No Step holds a secret; what a server said stands in Said
// without addresses and secrets.
package probe
