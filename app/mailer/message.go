package mailer

import "strings"

// Message is one mail to one person. HTML is the alternative of Text, and may be empty. Its words are the desk's own: what
// a Letter would neutralise is refused here.
type Message struct {
	To        Address
	Subject   string
	Text      string
	HTML      string
	MessageID string // as in Letter
	// Headers are further headers, by name. Those that the mailer makes itself are refused.
	Headers map[string]string
}

// check refuses what would break out of its header, and what says nothing.
func (m Message) check() *Error {
	switch {
	case !EmailOK(m.To.Email) || !lineOK(m.To.Name):
		return bad("to")
	case m.Subject == "" || !headerOK(m.Subject):
		return bad("subject")
	case m.Text == "":
		return bad("text")
	}
	for _, value := range m.Headers {
		if !headerOK(value) {
			return bad("headers")
		}
	}
	return nil
}

func headerOK(value string) bool {
	return len(value) <= 4000 && !strings.ContainsAny(value, "\r\n\x00")
}

func (m Message) letter() Letter {
	return Letter{To: []Address{m.To}, Subject: m.Subject, Text: m.Text, HTML: m.HTML, MessageID: m.MessageID, Headers: m.Headers}
}
