// Package sms tells a shopper by text message that there is an answer, and nothing else: the message is a template of the
// shop's gateway account with one variable, the address of her ticket's page. It goes only to a number that she has given
// for it, once a silence, outside quiet hours and within limits a number and a day.
//
// Read takes reply.undelivered events of the log and inserts a job each; the job (job.go) looks again, claims its row in
// sms_sends and sends. What came of it stands in the ticket's timeline as an event. A gateway is one of three: 阿里云
// (aliyun.go), 腾讯云 (tencent.go) and plain HTTP (generic.go); each turns a message into one request and reads the answer.
// Requests leave by Options.Do, which refuses inner addresses.
//
// The package owns the table sms_sends and the setting "sms", whose secrets never go back to a page.
package sms
