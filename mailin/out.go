package mailin

import (
	"io"
	"time"

	"huiyin/mailin/eml"
	"huiyin/tickets/id"
)

// How a message leaves as mail:
//
//	ChooseTx     what the agent chose: to whom, under which subject          state chosen
//	Replied      the message is said: a row of it, one for each recipient    state waiting, a job
//	Work         claims the letter (sending), builds it, sends it, notes     state sent, failed, or waiting for another try
//	Look         starts the jobs of what is due
//	bounced      a server sends it back                                      the recipient's state
//
// The letter has one Message-ID in all tries. A try writes down whom it goes to before the mail is handed over, so that a
// process which dies in between sends it at most a second time, and the other side can see that it is the same.

// Answer is to whom a reply goes as mail, and how.
type Answer struct {
	To      []eml.Address `json:"to"`
	CC      []eml.Address `json:"cc,omitempty"`
	Quote   bool          `json:"quote"` // the last message of the contact stands below it
	Subject string        `json:"subject"`
}

// OutMail is a mail that is ready to be sent. Addresses are as people wrote them; the sender takes care of the rest.
type OutMail struct {
	From       eml.Address
	ReplyTo    *eml.Address
	To, CC     []eml.Address
	Only       []string // the addresses that this try is for
	Subject    string
	Text, HTML string
	MessageID  string
	InReplyTo  string
	References []string
	Automatic  bool // nobody wrote it: no machine is to answer it, and nothing comes back
	Files      []OutFile
}

// OutFile goes along with a mail.
type OutFile struct {
	Name, Type string
	Size       int64
	Open       func() (io.ReadCloser, error)
}

// Sent is what came of a mail that a server took, for each of its Only.
type Sent struct {
	Said       string // what the server answered
	Recipients []SentTo
}

// SentTo is what a server said of one recipient.
type SentTo struct {
	Address  string
	Accepted bool
	Lasting  bool // it would say so again
	Code     int
	Enhanced string
	Detail   string
}

// SendError is why a mail was taken for nobody; every error of Options.Send should be one.
type SendError struct {
	Reason   string // a word of the program
	Code     int
	Enhanced string
	Detail   string   // what the server said
	Final    bool     // the same mail would fail again
	Mailbox  bool     // it is not the mail's fault but the mailbox's: its server, its password
	Unsure   bool     // the server may have taken it
	Refused  []SentTo // what it said of single recipients before
	Err      error
}

// Error names the reason, fit for a log.
func (e *SendError) Error() string { return "mailin: send: " + e.Reason }

// Unwrap gives the cause.
func (e *SendError) Unwrap() error { return e.Err }

// SendLetter is the job that sends a message as mail.
type SendLetter struct {
	Message id.ID `json:"message"`
}

// Kind names the job.
func (SendLetter) Kind() string { return "mail_letter" }

const (
	// SendTimeout is how long a try may take.
	SendTimeout = 8 * time.Minute
	// TryFor is how long a letter is tried.
	TryFor = 48 * time.Hour
	// RecipientsMost is how many people a reply goes to.
	RecipientsMost = 50
	// badFor is how long nothing goes to an address that does not exist.
	badFor = 60 * 24 * time.Hour
	// claimFor is how long a try is left alone that says no more that it is under way, which it does every claimAgain. Then the
	// process that made it is taken for dead.
	claimFor   = 2 * time.Minute
	claimAgain = 30 * time.Second
	dueMost    = 100
)

// pauses are how long a letter waits after its first, second … failure; the last one again and again.
var pauses = []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}

// What a letter is.
const (
	kindAnswer = "answer"
	kindAuto   = "auto" // the desk's own answer to a mail that begins a ticket
	kindChat   = "chat" // answers of a chat to a shopper who has left; an answer in a ticket of a form, of the phone or of a program
)

// The states of a letter.
const (
	letterChosen    = "chosen"    // its message is not said yet
	letterWaiting   = "waiting"   // for its first or next try
	letterSending   = "sending"   // a try is under way, or was when a process died
	letterSent      = "sent"      // nothing is left to do, and somebody got it
	letterFailed    = "failed"    // nobody did
	letterCancelled = "cancelled" // it was called off before it left
	letterNoWay     = "no_way"    // the inbox cannot send
)

// State is how far a mail has come with one of its recipients.
type State string

// The states of a recipient.
const (
	Queued    State = "queued"
	Sending   State = "sending"
	Delivered State = "sent"    // the next server took it
	Delayed   State = "delayed" // and says that it could not hand it on yet
	Refused   State = "refused"
	Bounced   State = "bounced"
	GivenUp   State = "given_up"
	Cancelled State = "cancelled"
	NoWay     State = "no_way"
)

// Bad tells that she has not got the mail and will not.
func (s State) Bad() bool { return s == Refused || s == Bounced || s == GivenUp || s == NoWay }
