package web

import (
	"encoding/json"
	"strconv"
	"strings"

	"huiyin/mailin"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// followsWithin is how soon after another a message of the same author is shown without the name again, in ms.
const followsWithin = 3 * 60 * 1000

// entryView is one place of a timeline, with the day before it where a new one begins.
type entryView struct {
	Pos     int64
	Day     string
	Event   string // what somebody did, in words
	Joined  string // names of those who take part since a mail, said in one line
	Message *messageView
}

// messageView is a message; lib/message.js fills the same from a frame.
type messageView struct {
	*Words
	MovedTo  string // number of the ticket that it was moved to
	ID       string
	Class    string // m, m-contact|m-reply|m-note, mine, system, gone, follows
	Pos      int64
	Seq      string
	Author   string // kind:id
	ClientID string
	Name     string
	Text     []segment
	Files    []fileView
	At       int64
	Kind     string      // said of notes
	State    string      // read, for what the contact has read
	Hidden   string      // says which sorts of number were hidden in the text
	Letter   *letterView // nil: it was no mail
	Held     *heldView   // nil: the contact has it, or it is no reply
	Out      *outView    // nil: it did not leave as mail
}

// teller puts a timeline into words.
type teller struct {
	words   *Words
	folk    people
	ticket  *tickets.Ticket
	contact string
	guests  map[id.ID]string // contacts who write or take part in another's ticket
	teams   []choice
	me      id.ID
	files   func([]tickets.Attachment) []fileView
	letters map[id.ID]*mailin.Mail // by message
	sent    map[id.ID]*mailin.Delivery
	leads   bool            // she may send what others hold back
	went    map[id.ID]int64 // numbers of tickets that messages were moved to
}

func (t teller) entries(entries []tickets.Entry) []entryView {
	var out []entryView
	day, last := "", (*tickets.Message)(nil)
	for _, e := range entries {
		v := entryView{Pos: *e.Event.Pos}
		if e.Message != nil {
			v.Message = t.message(e.Message, follows(last, e.Message))
		} else if v.Event = t.event(e.Event); v.Event == "" {
			continue
		}
		if v.Joined = t.joined(e.Event); v.Joined != "" && len(out) > 0 && out[len(out)-1].Joined != "" {
			before := &out[len(out)-1]
			before.Joined += t.words.Between() + v.Joined
			before.Pos, before.Event = v.Pos, t.words.T("console.event.joined", "whom", before.Joined)
			continue
		}
		last = e.Message
		if d := t.words.Day(e.Event.At); d != day {
			v.Day, day = d, d
		}
		out = append(out, v)
	}
	return out
}

// joined is the name of somebody whom a mail brought into the ticket: a mail may bring many, and one line names them all.
// lib/talk.js does the same.
func (t teller) joined(e tickets.Event) string {
	if e.Type != tickets.EventParticipantIn || e.ActorKind != tickets.ActorContact || e.SubjectID == nil {
		return ""
	}
	return t.author(tickets.ActorContact, *e.SubjectID)
}

func follows(last, m *tickets.Message) bool {
	return last != nil && last.Kind == m.Kind && last.AuthorKind == m.AuthorKind && last.AuthorID == m.AuthorID &&
		m.CreatedAt-last.CreatedAt < followsWithin
}

func (t teller) message(m *tickets.Message, follows bool) *messageView {
	v := &messageView{
		Words: t.words, Class: "m m-" + string(m.Kind), Pos: m.Pos, Author: string(m.AuthorKind) + ":" + m.AuthorID.String(),
		ID: m.ID.String(), ClientID: m.ClientID, Name: t.author(m.AuthorKind, m.AuthorID), Text: linkify(m.Body), At: m.CreatedAt, Files: t.files(m.Attachments),
	}
	if m.Seq != nil {
		v.Seq = strconv.FormatInt(*m.Seq, 10)
	}
	if m.Kind == tickets.KindNote {
		v.Kind = t.words.T("console.message.note")
	}
	if m.Kind == tickets.KindReply && m.Seq != nil && *m.Seq <= t.ticket.ContactRead {
		v.State = t.words.T("console.message.read")
	}
	switch {
	case m.AuthorKind == tickets.ActorAgent && m.AuthorID == t.me:
		v.Class += " mine"
	case m.AuthorKind == tickets.ActorSystem:
		v.Class += " system"
	}
	v.Hidden = t.hidden(m)
	switch m.State {
	case tickets.StateAsWritten:
	case tickets.StateHeld:
		v.Class += " held"
		v.State = t.words.T("console.message.held", "time", t.words.Moment(*m.HeldUntil))
	default:
		v.Class += " gone"
		v.Text = []segment{{Text: t.words.T("console.message." + string(m.State))}}
	}
	if m.MovedTo != nil && m.State == tickets.StateMoved {
		v.MovedTo = strconv.FormatInt(t.went[*m.MovedTo], 10)
	}
	if follows {
		v.Class += " follows"
	}
	t.letter(v, m)
	t.held(v, m)
	t.outgoing(v, m)
	return v
}

// hidden says what was hidden in a message, to its writer and to everybody who reads it; lib/message.js says the same.
func (t teller) hidden(m *tickets.Message) string {
	if kinds := m.Masked.Kinds(); m.State == tickets.StateAsWritten && len(kinds) > 0 {
		return t.words.T("console.masked." + strings.Join(kinds, "."))
	}
	return ""
}

func (t teller) author(kind tickets.ActorKind, who id.ID) string {
	switch kind {
	case tickets.ActorContact:
		if name, known := t.guests[who]; known {
			return name
		}
		return t.contact
	case tickets.ActorAgent:
		return t.folk.name(who)
	}
	return t.words.T("console.system")
}

// eventData is what event rows carry beside ids.
type eventData struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Until int64  `json:"until"`
	Score int    `json:"score"`
}

// event says what somebody did; "" for what needs no words. lib/event.js says the same of a frame.
func (t teller) event(e tickets.Event) string {
	var data eventData
	if e.Data != "" && json.Unmarshal([]byte(e.Data), &data) != nil {
		data = eventData{} // words without values are better than none
	}
	who, whom := t.author(e.ActorKind, e.ActorID), ""
	if e.SubjectID != nil && *e.SubjectID != 0 {
		switch e.Type {
		case tickets.EventAssigned:
			whom = t.folk.name(*e.SubjectID)
		case tickets.EventParticipantIn, tickets.EventParticipantOut:
			whom = t.author(tickets.ActorContact, *e.SubjectID)
		}
	}
	say := func(key string, pairs ...any) string {
		return t.words.T("console.event."+key, append(pairs, "who", who)...)
	}
	switch e.Type {
	case tickets.EventTicketCreated:
		return t.words.T("console.event.created", "channel", t.words.T("console.channel."+string(t.ticket.Channel)))
	case tickets.EventStatusChanged:
		if data.From == string(tickets.StatusNew) && data.To == string(tickets.StatusOpen) {
			return "" // somebody took it: that is said already
		}
		return say("status", "status", t.words.T("console.status."+data.To))
	case tickets.EventPriorityChanged:
		return say("priority", "priority", t.words.T("console.priority."+data.To))
	case tickets.EventAssigned:
		switch {
		case whom == "":
			return say("unassigned")
		case e.ActorKind == tickets.ActorAgent && *e.SubjectID == e.ActorID:
			return say("taken")
		}
		return say("assigned", "whom", whom)
	case tickets.EventSnoozed:
		return say("snoozed", "time", t.words.Moment(data.Until))
	case tickets.EventTagsChanged:
		return say("tags")
	case tickets.EventTeamChanged:
		if team := t.team(e.SubjectID); team != "" {
			return say("team", "team", team)
		}
		return say("no_team")
	case tickets.EventSubjectChanged:
		return say("subject")
	case tickets.EventMessageRecalled:
		return say("recalled")
	case tickets.EventMessageUndone:
		return say("undone")
	case tickets.EventParticipantIn:
		if e.ActorKind == tickets.ActorContact {
			return say("joined", "whom", whom)
		}
		return say("participant_added", "whom", whom)
	case tickets.EventParticipantOut:
		return say("participant_removed", "whom", whom)
	case tickets.EventMessageMoved:
		return say("moved")
	case tickets.EventWoken:
		return t.words.T("console.event.woken")
	case tickets.EventTicketMerged:
		return say("merged_into")
	case tickets.EventTicketTook:
		return say("took")
	case tickets.EventTicketUnmerged:
		return say("unmerged")
	case tickets.EventFirstOverdue:
		return t.words.T("console.event.overdue")
	case tickets.EventUndelivered:
		return t.words.T("console.event.undelivered")
	case tickets.EventRated:
		return t.words.T("console.event.rated", "score", data.Score)
	case tickets.EventTextSent:
		return t.words.T("console.event.text_sent")
	case tickets.EventTextFailed:
		return t.words.T("console.event.text_failed")
	case tickets.EventMailFailed:
		return t.words.T("console.event.mail_failed")
	case tickets.EventMailBounced:
		return t.words.T("console.event.mail_bounced")
	case tickets.EventLinksRevoked:
		return say("links_revoked")
	case tickets.EventOrderMoved:
		return t.words.T("console.event.order", "status", t.words.T("orders.status."+data.To))
	case tickets.EventContactMerged:
		return t.words.T("console.event.merged")
	}
	return ""
}

func (t teller) team(team *id.ID) string {
	for _, one := range t.teams {
		if team != nil && one.ID == team.String() {
			return one.Name
		}
	}
	return ""
}
