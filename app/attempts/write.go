package attempts

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

const (
	table     = "order_attempts"
	stepRows  = 100 // a transaction: more would hold up the chat
	stepPause = 10 * time.Millisecond
	quarter   = 15 * 60 * 1000 // ms

	hashDedupe  = "attempt.dedupe"
	hashSession = "attempt.session"
)

// Posted is what became of a call.
type Posted struct {
	Stored int // new ones
	Known  int // told before
}

// Post takes what the shop's server tells. All are valid or nothing is taken: then Invalid names the fields, those of a
// batch as items[3].reason. A large batch is stored in pieces: who gets no answer sends it again, and what was stored
// already is known by its id.
//
// Errors: Invalid, Conflict (a contact was erased), and those of ContactForTx.
func (s *Service) Post(ctx context.Context, list []Attempt, batch bool) (Posted, error) {
	all, err := s.checkAll(list, batch)
	if err != nil {
		return Posted{}, err
	}
	if err := s.checkContacts(ctx, all, batch); err != nil {
		return Posted{}, err
	}
	var total Posted
	for _, origin := range Origins() {
		said := slices.DeleteFunc(slices.Clone(all), func(a checked) bool { return a.Origin != origin })
		got, err := s.storeAll(ctx, origin, said)
		total.Stored, total.Known = total.Stored+got.Stored, total.Known+got.Known
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// FromPage takes what a shop's page claims, for the visitor of a chat session. Errors: Invalid.
func (s *Service) FromPage(ctx context.Context, v Visit, a Attempt) error {
	one, err := s.claim(v, a)
	if err != nil {
		return err
	}
	_, err = s.storeAll(ctx, FromShop, []checked{one})
	return err
}

func (s *Service) storeAll(ctx context.Context, origin string, all []checked) (total Posted, err error) {
	for part := range slices.Chunk(all, stepRows) {
		if total != (Posted{}) {
			select {
			case <-time.After(stepPause):
			case <-ctx.Done():
				return total, ctx.Err()
			}
		}
		stored, err := s.storePart(ctx, origin, part)
		if err != nil {
			return total, err
		}
		total.Stored += stored
		total.Known += len(part) - stored
	}
	return total, nil
}

// storePart stores what one transaction holds, again when somebody has just made the same contact known.
func (s *Service) storePart(ctx context.Context, origin string, part []checked) (stored int, err error) {
	const tries = 3
	for range tries {
		err = s.Store.Write(ctx, func(tx *gorm.DB) (err error) {
			stored, err = s.storeTx(tx, origin, slices.Clone(part))
			return err
		})
		if e := fault.As(err); !errors.Is(err, gorm.ErrDuplicatedKey) && (e == nil || e.Kind != fault.Conflict) {
			break
		}
	}
	return stored, err
}

// storeTx stores attempts with their counts and tells how many were new.
func (s *Service) storeTx(tx *gorm.DB, origin string, list []checked) (int, error) {
	if err := s.settle(tx, origin, list); err != nil {
		return 0, err
	}
	now := tickets.Millis(s.Now())
	byID, args := make(map[int64]*checked, len(list)), make([]any, 0, 17*len(list))
	for i := range list {
		row := s.IDs.Next()
		byID[int64(row)] = &list[i]
		values, err := s.values(tx, origin, row, &list[i])
		if err != nil {
			return 0, err
		}
		args = append(append(args, values...), now)
	}
	const one = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	rows, err := tx.Raw(`INSERT INTO order_attempts (id, dedupe, origin, outcome, step, reason, device, trial, arm, contact_id, session_hash, order_hash, order_no, detail, page_url, at, created_at) VALUES `+
		one+strings.Repeat(", "+one, len(list)-1)+` ON CONFLICT DO NOTHING RETURNING id`, args...).Rows()
	if err != nil {
		return 0, err
	}
	defer rows.Close() //nolint:errcheck // read only
	counts := map[roll]int{}
	stored := 0
	for rows.Next() {
		var row int64
		if err := rows.Scan(&row); err != nil {
			return 0, err
		}
		counts[byID[row].roll(origin)]++
		stored++
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	return stored, count(tx, counts)
}

// values are the columns of a row but the last.
func (s *Service) values(tx *gorm.DB, origin string, row id.ID, a *checked) ([]any, error) {
	who, key, err := s.whose(tx, a)
	if err != nil {
		return nil, err
	}
	// A page's id counts within its visitor only: nobody makes another's attempt a known one.
	scope := origin
	if origin == FromShop {
		scope += "\x00" + a.Contact.ID.String()
	}
	var contact any
	if who != 0 {
		contact = int64(who)
	}
	var session any
	if a.Session != "" {
		session = s.Sealer.Hash(hashSession, a.Session)
	}
	out := []any{
		int64(row), s.Sealer.Hash(hashDedupe, scope+"\x00"+a.ID), origin, string(a.Outcome), a.Step, a.Reason, a.Device, a.Trial, a.Arm,
		contact, session, hashOrNull(s.Tickets.OrderKey(a.Order)),
	}
	for _, one := range []struct{ column, text string }{{"order_no", a.Order}, {"detail", a.Detail}, {"page_url", a.Page}} {
		if one.text == "" {
			out = append(out, nil)
			continue
		}
		sealed, err := s.Sealer.SealText(tx, key, table, one.column, row, one.text)
		if errors.Is(err, seal.ErrErased) {
			sealed, err = nil, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, sealed)
	}
	return append(out, a.at), nil
}

func hashOrNull(hash []byte) any {
	if len(hash) == 0 {
		return nil
	}
	return hash
}

// whose gives the contact of an attempt and the key that seals it: hers, or the desk's when nobody is known. Of who was
// erased meanwhile only the count is taken.
func (s *Service) whose(tx *gorm.DB, a *checked) (who, key id.ID, err error) {
	if a.Contact.Empty() {
		return 0, s.Sealer.DeskKey(), nil
	}
	p, _, err := s.Tickets.ContactForTx(tx, a.Contact)
	if fault.Is(err, fault.Conflict) && fault.As(err).Key == "error.contact.erased" {
		a.Order, a.Detail, a.Page, a.Session = "", "", "", ""
		return 0, s.Sealer.DeskKey(), nil
	}
	if err != nil {
		return 0, 0, err
	}
	return p.ID, p.KeyID, nil
}

// roll is what is counted together.
type roll struct {
	origin               string
	quarter              int64
	outcome              Outcome
	step, reason, device string
}

func (a *checked) roll(origin string) roll {
	return roll{origin, a.at - a.at%quarter, a.Outcome, a.Step, a.Reason, a.Device}
}

func (r roll) compare(o roll) int {
	return cmp.Or(cmp.Compare(r.origin, o.origin), cmp.Compare(r.quarter, o.quarter), cmp.Compare(r.outcome, o.outcome),
		cmp.Compare(r.step, o.step), cmp.Compare(r.reason, o.reason), cmp.Compare(r.device, o.device))
}

// count adds to the rolls, always in the same order: two transactions that count the same do not wait for each other in a ring.
func count(tx *gorm.DB, counts map[roll]int) error {
	if len(counts) == 0 {
		return nil
	}
	quarters, days := map[roll]int{}, map[roll]int{}
	for r, n := range counts {
		quarters[roll{origin: r.origin, quarter: r.quarter, outcome: r.outcome}] += n
		r.quarter -= r.quarter % dayMillis
		days[r] += n
	}
	err := addTo(tx, "attempt_rolls (origin, quarter, outcome, step, reason, device, n)", counts, roll.words)
	if err == nil {
		err = addTo(tx, "attempt_quarters (origin, quarter, outcome, n)", quarters, roll.time)
	}
	if err == nil {
		err = addTo(tx, "attempt_days (origin, day, outcome, step, reason, device, n)", days, roll.words)
	}
	return err
}

func (r roll) words() []any {
	return []any{r.origin, r.quarter, string(r.outcome), r.step, r.reason, r.device}
}

func (r roll) time() []any { return []any{r.origin, r.quarter, string(r.outcome)} }

// addTo adds counts to one of the tables; its last column is n, those before are its key.
func addTo(tx *gorm.DB, into string, counts map[roll]int, key func(roll) []any) error {
	rolls := make([]roll, 0, len(counts))
	for r := range counts {
		rolls = append(rolls, r)
	}
	slices.SortFunc(rolls, roll.compare)
	var args []any
	for _, r := range rolls {
		args = append(append(args, key(r)...), counts[r])
	}
	name, columns, _ := strings.Cut(into, " ")
	one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(args)/len(rolls)), ", ") + ")"
	keys := strings.TrimSuffix(columns, ", n)") + ")"
	return tx.Exec(`INSERT INTO `+into+` VALUES `+one+strings.Repeat(", "+one, len(rolls)-1)+
		` ON CONFLICT `+keys+` DO UPDATE SET n = `+name+`.n + excluded.n`, args...).Error
}

// checkContacts refuses attempts whose contacts cannot be meant: later, in the middle of a batch, it would be too late.
func (s *Service) checkContacts(ctx context.Context, all []checked, batch bool) error {
	w := &wrong{}
	for i := range all {
		if all[i].Contact.Empty() {
			continue
		}
		if batch {
			w.prefix = ItemPrefix(i)
		}
		err := s.Tickets.CheckContactRef(ctx, all[i].Contact)
		e := fault.As(err)
		switch {
		case err == nil:
		case e == nil || e.Kind != fault.Invalid:
			return err
		default:
			for _, f := range e.Fields {
				w.add(f.Name, f.Code, f.Key, f.Args)
			}
		}
	}
	return w.err()
}
