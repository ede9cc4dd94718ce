package insights

import (
	"time"

	"huiyin/tickets/id"
)

// GroupState says what has become of a group.
type GroupState string

// The states of groups.
const (
	Open   GroupState = "open"
	Muted  GroupState = "muted"  // a person wants to hear no more of it: not ranked, never an alert
	Merged GroupState = "merged" // into another; shown within it
	Gone   GroupState = "gone"   // nothing has belonged to it for long
)

// The levels of insight_groups.
const (
	LevelGroup = "group"
	LevelFine  = "fine"
)

// Group is a group of complaints, or a fine group within one. Name, Title and Terms are sealed with the desk's key.
type Group struct {
	ID          id.ID
	Level       string
	ParentID    *id.ID // of a fine group
	Name        string // the machine's: its phrases
	Title       string // a person's; it wins
	Terms       []string
	State       GroupState
	Pinned      bool // keeps its members
	ByHand      bool // of a fine group: its parent was chosen by a person
	MergedInto  *id.ID
	SplitFrom   *id.ID
	Language    string // zh, en or both
	Aspect      string // of the lexicon: delivery, goods, …
	Size        int    // clauses, over all time
	FirstAt     *time.Time
	LastAt      *time.Time
	TwinID      *id.ID // a group of the same complaint in the other language, perhaps
	TwinScore   float64
	TwinRefused bool
	Version     int // rises with every change by hand

	engine  *int64 // the number that the model knows a fine group by; nil: none, as of one that people made
	dirty   bool
	nights  int // so many in a row the machine would have given it another name
	ordinal int // during a pass
}

// Called is what people call the group: the title that somebody gave it, else the machine's name.
func (g *Group) Called() string {
	if g.Title != "" {
		return g.Title
	}
	return g.Name
}

// The sources of a voice.
const (
	FromTicket   = "ticket"
	FromResponse = "response"
	FromImport   = "import"
)

// Voice is one clause of what somebody said.
type Voice struct {
	ID        id.ID
	Source    string
	SubjectID id.ID  // ticket, response or line of an import
	MessageID *id.ID // of a ticket
	ContactID *id.ID // nil: nobody known, or erased
	Channel   string
	Language  string // zh, en or other
	TeamID    id.ID  // 0: none
	Aspect    string
	Complaint bool
	Body      string // empty: forgotten
	FineID    id.ID  // 0: none
	GroupID   id.ID
	Score     float64
	Fixed     bool // put where it is by a person
	At        time.Time
}
