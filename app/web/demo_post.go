package web

import (
	"time"
)

// DemoMail is the mail of the sample shoppers of `huiyin demo`. What is in it was written by anybody.
type DemoMail interface {
	// Shop is whom they write to.
	Shop() DemoAddress
	// Shoppers are whose mailboxes can be looked into; there is at least one.
	Shoppers() []DemoShopper
	// Letters lists a shopper's mails, the newest first.
	Letters(email string) []DemoLine
	// Letter gives one, which is read by this. Errors: NotFound.
	Letter(email string, id int64) (*DemoLetter, error)
	// File gives a file of a letter by its place. Errors: NotFound.
	File(email string, id int64, place int) (*DemoFile, error)
	// Send sends a mail. Errors: Invalid (to, file).
	Send(d DemoDraft) error
}

// DemoAddress is somebody in a mail.
type DemoAddress struct{ Name, Email string }

// DemoShopper is a sample shopper with a mailbox.
type DemoShopper struct {
	ID string
	DemoAddress
	Locale string // her language
}

// DemoLine is a mail in a list.
type DemoLine struct {
	ID         int64
	At         time.Time
	From       DemoAddress
	To         []DemoAddress
	Subject    string
	Sent, Seen bool // Sent: by whose mailbox it is
}

// DemoLetter is a mail.
type DemoLetter struct {
	DemoLine
	CC, ReplyTo []DemoAddress
	Text        string
	Files       []DemoFile // without content
	MessageID   string
	References  []string
}

// DemoFile is a file of a mail.
type DemoFile struct {
	Name    string
	Size    int
	Content []byte
}

// DemoDraft is a mail that a shopper sends.
type DemoDraft struct {
	From       DemoAddress
	To, CC     []DemoAddress
	Subject    string
	Text       string
	InReplyTo  string
	References []string
	Files      []DemoFile
}
