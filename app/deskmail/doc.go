// Package deskmail writes to the people who work at the desk: a link for a new password, an invitation, a notice.
//
// It owns the setting "mail" (server, sender, password, sealed like all settings) and what the desk's own mails say; the
// way out is app/mailer. A mail that somebody waits for leaves as a job, which holds ids only: the link in it is made when
// it is sent, so no secret lies in a queue. Mails to shoppers are not written here.
//
//	sign-in page, settings ──▶ Queue… ──▶ job "mail" ──▶ Work ──▶ letter ──▶ mailer
//	app/notify ──▶ SendAgent ───────────────────────────────────▶ letter ──▶ mailer
package deskmail
