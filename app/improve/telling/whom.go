package telling

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"huiyin/app/insights"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Way is how somebody is reached.
type Way string

// The ways.
const (
	ByChat Way = "chat"
	ByMail Way = "mail"
)

// Reason is why somebody is not told.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	Unknown    Reason = "unknown" // nobody knows who said it, or she was erased
	Blocked    Reason = "blocked"
	Before     Reason = "before" // she was told of this task already
	TooOld     Reason = "old"    // what she said lies too long ago
	NotWanted  Reason = "wish"   // she has not asked to be told
	NoWay      Reason = "way"
	NoLanguage Reason = "language" // there is no text in her language
)

// Reasons lists them all.
func Reasons() []Reason {
	return []Reason{NotWanted, Unknown, NoWay, NoLanguage, Before, TooOld, Blocked}
}

const (
	contactsAtOnce = 200
	ticketsMost    = 20 // of a contact are looked at for a way
	// reachMost is for how many a preview looks for a way: it is a page that somebody waits for.
	reachMost = 500
)

// complainer is who complained, with the tickets in which she did.
type complainer struct {
	contact id.ID
	tickets []id.ID
	last    time.Time
}

// complainers gives who complained of a task's groups before a moment; nobody counts the subjects whose person is not known.
func (s *Service) complainers(ctx context.Context, task Task, before time.Time) (list []*complainer, nobody int, err error) {
	by := map[id.ID]*complainer{}
	unknown := map[id.ID]bool{}
	err = s.Insights.Complainers(ctx, task.Groups, time.UnixMilli(0), before, func(c insights.Complaint) error {
		if c.Contact == nil {
			unknown[c.Subject] = true
			return nil
		}
		one := by[*c.Contact]
		if one == nil {
			one = &complainer{contact: *c.Contact}
			by[*c.Contact], list = one, append(list, one)
		}
		if one.last = c.At; c.Source == insights.FromTicket && !slices.Contains(one.tickets, c.Subject) {
			one.tickets = append(one.tickets, c.Subject)
		}
		return nil
	})
	return list, len(unknown), err
}

// weighed is a complainer and what comes of her.
type weighed struct {
	*complainer
	living id.ID
	reason Reason // empty: she may be told
}

// weigh looks at complainers, some hundred at once: who may be told. Persons who were merged are one.
func (s *Service) weigh(ctx context.Context, task Task, since time.Time, list []*complainer, fn func(weighed) error) error {
	seen := map[id.ID]bool{}
	for part := range slices.Chunk(list, contactsAtOnce) {
		ids := make([]id.ID, len(part))
		for i, one := range part {
			ids[i] = one.contact
		}
		stands, err := s.Tickets.Standings(ctx, ids)
		if err != nil {
			return err
		}
		told, err := s.toldAmong(s.Store.Read(ctx), task.ID, ids, stands)
		if err != nil {
			return err
		}
		for _, one := range part {
			stand, known := stands[one.contact]
			if seen[stand.Living] && known {
				continue
			}
			seen[stand.Living] = true
			w := weighed{complainer: one, living: stand.Living}
			switch {
			case !known || stand.Erased:
				w.reason = Unknown
			case stand.Blocked:
				w.reason = Blocked
			case told[stand.Living] || told[one.contact]:
				w.reason = Before
			case one.last.Before(since):
				w.reason = TooOld
			case !stand.Told:
				w.reason = NotWanted
			}
			if err := fn(w); err != nil {
				return err
			}
		}
	}
	return nil
}

// toldAmong tells who of contacts, or of those who they are now, was told of a task.
func (s *Service) toldAmong(tx *gorm.DB, task id.ID, contacts []id.ID, stands map[id.ID]tickets.Standing) (map[id.ID]bool, error) {
	all := slices.Clone(contacts)
	for _, stand := range stands {
		if stand.Living != 0 && !slices.Contains(contacts, stand.Living) {
			all = append(all, stand.Living)
		}
	}
	var told []id.ID
	err := tx.Raw(`SELECT contact_id FROM telling_people WHERE task_id = ? AND contact_id IN ? AND state = 'told'`, int64(task), all).Scan(&told).Error
	out := map[id.ID]bool{}
	for _, one := range told {
		out[one] = true
	}
	return out, err
}

// reach is the ticket in which somebody is told, and how.
type reach struct {
	ticket   *tickets.Ticket
	contact  *tickets.Contact
	way      Way
	mail     func(tx *gorm.DB, p tickets.Posted) error // of ByMail
	language string
}

// reach looks for a way to a person: the tickets in which she complained first, the newest before older ones. nil: there is none.
func (s *Service) reach(ctx context.Context, living id.ID, complained []id.ID) (*reach, error) {
	contact, err := s.Tickets.Contact(ctx, living)
	if err != nil {
		return nil, err
	}
	page, err := s.Tickets.Filter(ctx, tickets.Filter{
		Contact: living, Statuses: []tickets.Status{tickets.StatusNew, tickets.StatusOpen, tickets.StatusPending, tickets.StatusSolved}, Sort: tickets.SortNewest, Limit: ticketsMost,
	})
	if err != nil {
		return nil, err
	}
	rows := page.Items
	slices.SortStableFunc(rows, func(a, b tickets.TicketRow) int {
		return order(slices.Contains(complained, b.ID)) - order(slices.Contains(complained, a.ID))
	})
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		r := &reach{ticket: &rows[i].Ticket, contact: contact, way: ByChat, language: language(contact.Locale, shop.Locale)}
		if r.ticket.Channel == tickets.ChannelChat {
			return r, nil
		}
		if r.mail, err = s.ByMail(ctx, r.ticket, contact); err != nil {
			return nil, err
		}
		if r.way = ByMail; r.mail != nil {
			return r, nil
		}
	}
	return nil, nil
}

func order(first bool) int {
	if first {
		return 1
	}
	return 0
}

// Preview is what telling would do now.
type Preview struct {
	People    int // who would be told
	Later     int // of these, for whom a way is looked for only when their turn comes
	Ways      map[Way]int
	Languages map[string]int
	Left      map[Reason]int
}

// Preview looks whom a task would tell, of those who complained since a moment. Errors: NotFound, Conflict (nothing has changed
// yet).
func (s *Service) Preview(ctx context.Context, task id.ID, since time.Time, languages []string) (*Preview, error) {
	t, err := s.taskToTell(ctx, task)
	if err != nil {
		return nil, err
	}
	p := &Preview{Ways: map[Way]int{}, Languages: map[string]int{}, Left: map[Reason]int{}}
	list, nobody, err := s.complainers(ctx, t, t.Changed)
	if err != nil {
		return nil, err
	}
	if p.Left[Unknown] = nobody; nobody == 0 {
		delete(p.Left, Unknown)
	}
	return p, s.weigh(ctx, t, since, list, func(w weighed) error {
		if w.reason != "" {
			p.Left[w.reason]++
			return nil
		}
		if p.People+p.Left[NoWay]+p.Left[NoLanguage] >= reachMost {
			p.People++
			p.Later++
			return nil
		}
		r, err := s.reach(ctx, w.living, w.tickets)
		switch {
		case err != nil:
			return err
		case r == nil:
			p.Left[NoWay]++
		case !slices.Contains(languages, r.language):
			p.Left[NoLanguage]++
		default:
			p.People++
			p.Ways[r.way]++
			p.Languages[r.language]++
		}
		return nil
	})
}

// taskToTell gives a task that can be told of.
func (s *Service) taskToTell(ctx context.Context, task id.ID) (Task, error) {
	t, err := s.Task(ctx, task)
	if err != nil {
		return t, err
	}
	if t.Changed.IsZero() {
		return t, fault.New(fault.Conflict, "telling.error.early")
	}
	return t, nil
}
