package mailin

import (
	"context"

	"huiyin/tickets/id"
)

// Delivery is how far a message has come as mail.
type Delivery struct {
	Message    id.ID
	Inbox      id.ID  // by which it goes
	Kind       string // answer, auto, chat
	State      string // chosen, waiting, sending, sent, failed, cancelled, no_way
	Reason     string // of a state: mailin.out.reason.…; empty: none
	Subject    string
	Attempts   int
	NextAt     int64 // of one that waits: the next try, Unix ms
	UntilAt    int64 // when it is given up
	Unsure     bool  // a try broke off at its very end: it may have arrived twice
	Recipients []Recipient
}

// Recipient is one to whom a message went as mail.
type Recipient struct {
	ID       id.ID
	Address  string
	CC       bool
	State    State  // mailin.out.state.…
	Reason   string // mailin.out.reason.…; empty: none
	Code     int    // of the server's answer; 0: none
	Enhanced string // RFC 3463; empty: none
	Detail   string // what the server said
	Incoming id.ID  // the mail that came back, while it is kept (Mail.Raw); else zero
	At       int64  // of the state, Unix ms
}

// StateKey is the key of the text that says how far the mail is with her.
func (r Recipient) StateKey() string { return "mailin.out.state." + string(r.State) }

// ReasonKey is the key of the text that says why; empty: there is nothing to say.
func (r Recipient) ReasonKey() string { return reasonKey(r.Reason) }

// ReasonKey is the key of the text that says why a letter waits or has failed; empty: there is nothing to say.
func (d *Delivery) ReasonKey() string { return reasonKey(d.Reason) }

func reasonKey(reason string) string {
	if reason == "" {
		return ""
	}
	return "mailin.out.reason." + reason
}

// Waits tells whether something is still to come of it.
func (d *Delivery) Waits() bool {
	return d.State == letterChosen || d.State == letterWaiting || d.State == letterSending
}

// Bad tells whether somebody has not got the message and will not.
func (d *Delivery) Bad() bool {
	for _, r := range d.Recipients {
		if r.State.Bad() {
			return true
		}
	}
	return d.State == letterFailed || d.State == letterNoWay
}

// Deliveries tells how far messages have come as mail, for those that leave so. What was erased is left out.
func (s *Service) Deliveries(ctx context.Context, messages []id.ID) (map[id.ID]*Delivery, error) {
	out := map[id.ID]*Delivery{}
	if len(messages) == 0 {
		return out, nil
	}
	tx := s.Store.Read(ctx)
	rows, err := s.letters(tx, `WHERE message_id IN ?`, messages)
	if err != nil {
		return nil, err
	}
	people, err := s.recipientsOf(tx, messages)
	if err != nil {
		return nil, err
	}
	for _, l := range rows {
		if l.gone {
			continue
		}
		d := &Delivery{
			Message: l.message, Inbox: l.inbox, Kind: l.kind, State: l.state, Reason: l.reason, Subject: l.said.Subject, Attempts: l.attempts, UntilAt: l.untilAt, Unsure: l.unsure,
		}
		if l.state == letterWaiting {
			d.NextAt = l.nextAt
		}
		for _, r := range people[l.message] {
			d.Recipients = append(d.Recipients, Recipient{
				ID: r.id, Address: r.address, CC: r.role == roleCC, State: r.state, Reason: r.reason, Code: r.code, Enhanced: r.enhanced, Detail: r.detail,
				Incoming: id.ID(r.incoming), At: r.at,
			})
		}
		out[l.message] = d
	}
	return out, nil
}
