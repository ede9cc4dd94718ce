package privacy_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/files"
	"huiyin/app/orders"
	"huiyin/app/privacy"
	"huiyin/app/sms"
	"huiyin/chat"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// desk is a desk with a manager, an agent, and a shopper who has left a trace in every table.
type desk struct {
	*privacy.Service
	tickets *tickets.Service
	files   *files.Service
	seal    *seal.Sealer
	db      *db.DB
	dir     string
	chat    *tickets.Inbox
	boss    tickets.Actor
	agent   tickets.Actor
	changes []tickets.Change
	broken  error // what deleting a file gives
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	ctx, x := t.Context(), &desk{db: d, dir: filepath.Join(t.TempDir(), "files")}
	ids := id.NewMaker(1, time.Now)
	store := tickets.Store{Write: d.Write, Read: d.Read, After: db.After}
	var err error
	x.seal, err = seal.Open(ctx, seal.Options{
		DB: seal.Store{Write: d.Write, Read: d.Read}, RingPath: filepath.Join(t.TempDir(), "ring"), Now: time.Now, NewID: ids.Next,
	})
	must(t, err)
	x.tickets = tickets.New(tickets.Options{Store: store, Sealer: x.seal, IDs: ids, Now: time.Now, Notify: func(c tickets.Change) { x.changes = append(x.changes, c) }})
	log := slog.New(slog.DiscardHandler)
	x.files = files.New(files.Options{Store: blob.Folder{Dir: x.dir}, Tickets: x.tickets, Sealer: x.seal, Read: d.Read, NewID: ids.Next, Now: time.Now, Log: log})
	x.Service = privacy.New(privacy.Options{
		Store: store, Tickets: x.tickets, IDs: ids, Now: time.Now, Log: log,
		Forget: func(tx *gorm.DB, who tickets.Erased) error {
			return errors.Join(chat.Forget(tx, who.Contacts, time.Now()), sms.Forget(tx, who.Tickets))
		},
		ForgetOrders:   func(tx *gorm.DB, list []id.ID) (int, error) { return orders.ForgetNobodys(tx, x.seal, list) },
		ForgetVisitors: chat.ForgetVisitors, ForgetTrails: chat.ForgetTrails,
		DropFile: func(ctx context.Context, a *tickets.Attachment) error {
			if x.broken != nil {
				return x.broken
			}
			return x.files.DeleteContent(ctx, a)
		},
	})
	x.chat, err = x.tickets.CreateInbox(ctx, tickets.NewInbox{Channel: tickets.ChannelChat, Name: "店"})
	must(t, err)
	for role, to := range map[tickets.Role]*tickets.Actor{tickets.RoleManager: &x.boss, tickets.RoleAgent: &x.agent} {
		a, err := x.tickets.CreateAgent(ctx, tickets.NewAgent{Email: string(role) + "@huiyin.test", Name: string(role), Role: role, PasswordHash: "$argon2id$"})
		must(t, err)
		*to = tickets.Actor{Kind: tickets.ActorAgent, ID: a.ID, Role: role}
	}
	return x
}

// person is a shopper who was an anonymous visitor first.
type person struct {
	contact, visitor, ticket id.ID
	file, copied             *tickets.Attachment // sent by her; of a quick reply, sent to her
	orderHash                []byte
}

const many = 450 // messages: several pieces

func (x *desk) person(t *testing.T, name string) person {
	t.Helper()
	ctx := t.Context()
	v, err := x.tickets.CreateContact(ctx, tickets.NewContact{})
	must(t, err)
	p, err := x.tickets.CreateContact(ctx, tickets.NewContact{Name: name, Locale: "zh-CN", Identities: []tickets.NewIdentity{
		{Kind: tickets.IdentityShop, Value: name, Verified: true}, {Kind: tickets.IdentityPhone, Value: "13800138000"},
	}})
	must(t, err)
	out := person{contact: p.ID, visitor: v.ID}
	hers := tickets.Actor{Kind: tickets.ActorContact, ID: v.ID}
	out.file, err = x.files.Take(ctx, files.Upload{By: hers, Name: "收据.txt", Body: strings.NewReader("her receipt")})
	must(t, err)
	r, err := x.tickets.Receive(ctx, tickets.Inbound{InboxID: x.chat.ID, ContactID: v.ID, SourceID: "first", Body: "退款还没到", Order: "2026-1234",
		Page: tickets.Page{URL: "https://shop.example/o", Title: "订单"}, Attachments: []id.ID{out.file.ID}})
	must(t, err)
	out.ticket, out.orderHash = r.Ticket.ID, r.Ticket.OrderHash
	must(t, x.db.Write(ctx, func(tx *gorm.DB) error { return x.tickets.MergeContactTx(tx, v.ID, p.ID) }))
	_, err = x.tickets.Post(ctx, x.agent, tickets.Outgoing{TicketID: out.ticket, Kind: tickets.KindNote, Body: "常客"})
	must(t, err)
	out.copied = x.sendsQuickReply(t, out.ticket)
	for i := range many {
		_, err = x.tickets.Receive(ctx, tickets.Inbound{InboxID: x.chat.ID, ContactID: p.ID, SourceID: fmt.Sprint("m", i), Body: "在吗"})
		must(t, err)
	}
	must(t, x.tickets.SaveDraft(ctx, x.agent.ID, out.ticket, tickets.KindReply, "您好"))
	must(t, x.tickets.AcceptNotice(ctx, p.ID, "privacy", "1"))
	_, err = x.tickets.NewLink(ctx, out.ticket)
	must(t, err)
	must(t, x.db.Write(ctx, func(tx *gorm.DB) error {
		return errors.Join(
			tx.Exec(`INSERT INTO ratings (ticket_id, id, score, comment, created_at, updated_at) VALUES (?, ?, 5, ?, 1, 1)`, out.ticket, out.ticket, []byte("sealed")).Error,
			tx.Exec(`INSERT INTO text_wishes (ticket_id, id, phone, phone_hash, consent_at) VALUES (?, ?, ?, ?, 1)`, out.ticket, out.ticket, []byte("p"), []byte("h")).Error,
			tx.Exec(`INSERT INTO sms_sends (id, ticket_id, pos, phone_hash, state, attempts, created_at, updated_at) VALUES (?, ?, 1, ?, 'sent', 1, 1, 1)`, out.ticket, out.ticket, []byte("h")).Error,
			tx.Exec(`INSERT INTO chat_sessions (id, token_hash, contact_id, inbox_id, signed, context, expires_at, seen_at, created_at) VALUES (?, ?, ?, ?, ?, ?, 1, 1, 1)`,
				p.ID, []byte(name), p.ID, x.chat.ID, true, []byte("sealed")).Error,
		)
	}))
	return out
}

// sendsQuickReply answers with a quick reply that has a file; the copy that went out comes back.
func (x *desk) sendsQuickReply(t *testing.T, ticket id.ID) *tickets.Attachment {
	t.Helper()
	ctx := t.Context()
	m, err := x.tickets.AddMacro(ctx, x.agent, tickets.MacroEdit{Shelf: tickets.MacroShelf{Scope: tickets.MacroPerson, Owner: x.agent.ID}, Title: rand.Text(), Text: "请填这张单"})
	must(t, err)
	must(t, x.files.TakeForMacro(ctx, x.agent, m.ID, "退货单.txt", strings.NewReader("the desk's form")))
	copies, err := x.files.CopyOfMacro(ctx, x.agent, ticket, m.ID)
	must(t, err)
	_, err = x.tickets.Post(ctx, x.agent, tickets.Outgoing{TicketID: ticket, Kind: tickets.KindReply, Body: m.Text, Attachments: []id.ID{copies[0].ID}})
	must(t, err)
	return &copies[0]
}

// ownFiles reads the files of the desk's quick replies.
func (x *desk) ownFiles(t *testing.T) (texts []string) {
	t.Helper()
	all, err := x.tickets.Macros(t.Context(), x.agent)
	must(t, err)
	for i := range all.Macros {
		list, err := x.tickets.MacroFiles(t.Context(), x.agent, all.Macros[i].ID)
		must(t, err)
		for j := range list {
			r, err := x.files.OpenOfMacro(t.Context(), &list[j])
			must(t, err)
			b, err := io.ReadAll(r)
			must(t, errors.Join(err, r.Close()))
			texts = append(texts, string(b))
		}
	}
	return texts
}

func (x *desk) count(t *testing.T, query string, args ...any) (n int64) {
	t.Helper()
	must(t, x.db.Read(t.Context()).Raw(query, args...).Row().Scan(&n))
	return n
}

func each(t *testing.T, fn func(t *testing.T, x *desk)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		fn(t, newDesk(t, d))
	})
}

// left lists what is still there of an erased person, by where it was found.
func (x *desk) left(t *testing.T, p person) (found []string) {
	t.Helper()
	both := []id.ID{p.contact, p.visitor}
	keys := "data_keys"
	if x.db.Dialect() == db.Postgres {
		keys = "huiyin_keys.data_keys"
	}
	for name, q := range map[string]struct {
		text string
		args []any
	}{
		"keys":       {`SELECT COUNT(*) FROM ` + keys + ` WHERE contact_id IN ?`, []any{both}},
		"contact":    {`SELECT COUNT(*) FROM contacts WHERE id IN ? AND (name IS NOT NULL OR key_id <> 0 OR locale <> '')`, []any{both}},
		"identities": {`SELECT COUNT(*) FROM contact_identities WHERE contact_id IN ?`, []any{both}},
		"tokens":     {`SELECT COUNT(*) FROM contact_tokens WHERE contact_id IN ?`, []any{both}},
		"consents":   {`SELECT COUNT(*) FROM contact_consents WHERE contact_id IN ?`, []any{both}},
		"ticket": {`SELECT COUNT(*) FROM tickets WHERE id = ? AND (key_id <> 0 OR subject IS NOT NULL OR order_no IS NOT NULL OR order_hash IS NOT NULL
 OR order_last IS NOT NULL OR page_url IS NOT NULL OR page_title IS NOT NULL OR preview IS NOT NULL)`, []any{p.ticket}},
		"messages":  {`SELECT COUNT(*) FROM messages WHERE ticket_id = ? AND (body IS NOT NULL OR client_id IS NOT NULL OR dedupe IS NOT NULL OR state <> 'erased' OR changed_at IS NULL)`, []any{p.ticket}},
		"drafts":    {`SELECT COUNT(*) FROM drafts WHERE ticket_id = ?`, []any{p.ticket}},
		"links":     {`SELECT COUNT(*) FROM ticket_links WHERE ticket_id = ?`, []any{p.ticket}},
		"wishes":    {`SELECT COUNT(*) FROM text_wishes WHERE ticket_id = ?`, []any{p.ticket}},
		"comment":   {`SELECT COUNT(*) FROM ratings WHERE ticket_id = ? AND comment IS NOT NULL`, []any{p.ticket}},
		"texts":     {`SELECT COUNT(*) FROM sms_sends WHERE ticket_id = ? AND LENGTH(phone_hash) > 0`, []any{p.ticket}},
		"sessions":  {`SELECT COUNT(*) FROM chat_sessions WHERE contact_id = ? AND (revoked_at IS NULL OR context IS NOT NULL)`, []any{p.contact}},
		"file rows": {`SELECT COUNT(*) FROM attachments WHERE id IN ? AND (state <> 'gone' OR LENGTH(name) > 0 OR message_id IS NOT NULL)`, []any{[]id.ID{p.file.ID, p.copied.ID}}},
	} {
		if n := x.count(t, q.text, q.args...); n != 0 {
			found = append(found, fmt.Sprintf("%s (%d)", name, n))
		}
	}
	for what, file := range map[string]*tickets.Attachment{"content of her file": p.file, "content of the file sent to her": p.copied} {
		if r, err := (blob.Folder{Dir: x.dir}).Get(t.Context(), file.File); err == nil {
			found = append(found, what)
			_ = r.Close()
		}
	}
	slices.Sort(found)
	return found
}

func TestAnErasedPersonLeavesOnlyEmptyRows(t *testing.T) {
	each(t, func(t *testing.T, x *desk) {
		p, other := x.person(t, "李梅"), x.person(t, "韩梅梅")
		if len(x.left(t, p)) != 16 {
			t.Fatalf("she has not left a trace everywhere: %v", x.left(t, p))
		}
		messages := x.count(t, `SELECT COUNT(*) FROM messages WHERE ticket_id = ?`, p.ticket)
		before := x.left(t, other)
		if err := x.Erase(t.Context(), x.agent, p.contact, tickets.ErasedOnRequest); !fault.Is(err, fault.Denied) {
			t.Errorf("an agent erases: %v", err)
		}
		if err := x.Erase(t.Context(), x.boss, p.contact, "restore"); !fault.Is(err, fault.Invalid) {
			t.Errorf("with a reason that nobody may give: %v", err)
		}
		x.changes = nil
		for range 2 { // by the name she had as a visitor, and again
			must(t, x.Erase(t.Context(), x.boss, p.visitor, tickets.ErasedOnRequest))
		}
		if left := x.left(t, p); len(left) > 0 {
			t.Errorf("left of her: %v", left)
		}
		if own := x.ownFiles(t); !slices.Equal(own, []string{"the desk's form", "the desk's form"}) {
			t.Errorf("files of the desk's own are %q", own)
		}
		if n := x.count(t, `SELECT COUNT(*) FROM messages WHERE ticket_id = ?`, p.ticket); n != messages {
			t.Errorf("%d messages of %d are left", n, messages)
		}
		if now := x.left(t, other); !slices.Equal(now, before) {
			t.Errorf("of another person %v were left, %v are", before, now)
		}
		told := 0
		for _, c := range x.changes {
			if c.Type == tickets.ChangeState && c.Message.State == tickets.StateErased && c.Message.Body == "" {
				told++
			}
		}
		if told != int(messages) {
			t.Errorf("the screens heard of %d messages, want each of %d once", told, messages)
		}
		if n := x.count(t, `SELECT COUNT(*) FROM events WHERE type = 'contact.erased' AND subject_id = ? AND data = ''`, p.contact); n != 1 {
			t.Errorf("%d events", n)
		}
		lines, err := x.Accesses(t.Context(), privacy.AccessFilter{Limit: 10})
		must(t, err)
		if len(lines) != 1 || lines[0].Action != privacy.ActionErase || lines[0].AgentID != x.boss.ID || lines[0].ContactID != p.contact {
			t.Errorf("the record says %+v", lines)
		}
		x.nothingNew(t, p)
	})
}

// nothingNew tries to write about an erased person in every way.
func (x *desk) nothingNew(t *testing.T, p person) {
	t.Helper()
	ctx, name := t.Context(), "李梅"
	for what, err := range map[string]error{
		"a message": second(x.tickets.Receive(ctx, tickets.Inbound{InboxID: x.chat.ID, ContactID: p.contact, SourceID: "m1", Body: "在吗"})),
		"a reply":   second(x.tickets.Post(ctx, x.agent, tickets.Outgoing{TicketID: p.ticket, Kind: tickets.KindReply, Body: "在"})),
		"a name":    second(x.tickets.UpdateContact(ctx, x.agent, p.contact, tickets.ContactChange{Name: &name})),
		"a consent": x.tickets.AcceptNotice(ctx, p.contact, "privacy", "2"),
		"a draft":   x.tickets.SaveDraft(ctx, x.agent.ID, p.ticket, tickets.KindNote, "x"),
		"a merge": x.db.Write(ctx, func(tx *gorm.DB) error {
			c, err := x.tickets.CreateContactTx(tx, tickets.NewContact{})
			if err != nil {
				return err
			}
			return x.tickets.MergeContactTx(tx, c.ID, p.contact)
		}),
	} {
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v, want a conflict", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Messages that come while she is erased are either emptied too or refused: none stays.
func TestAMessageDuringAnErasureLoses(t *testing.T) {
	each(t, func(t *testing.T, x *desk) {
		p := x.person(t, "李梅")
		var errs []error
		var erased atomic.Bool
		begun, over := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(over)
			for i := 0; ; i++ {
				last := erased.Load() // one more begins after the erasure, however fast or slow the others were
				_, err := x.tickets.Receive(context.WithoutCancel(t.Context()), tickets.Inbound{InboxID: x.chat.ID, ContactID: p.contact, SourceID: fmt.Sprint("late", i), Body: "还在吗"})
				errs = append(errs, err)
				if i == 0 {
					close(begun)
				}
				if last {
					return
				}
			}
		}()
		<-begun
		err := x.Erase(t.Context(), x.boss, p.contact, tickets.ErasedOnRequest)
		erased.Store(true)
		<-over
		must(t, err)
		must(t, errs[0])
		refused := 0
		for _, err := range errs {
			if err != nil {
				refused++
			}
			if err != nil && !fault.Is(err, fault.Conflict) {
				t.Fatalf("refused by %v, want a conflict", err)
			}
		}
		if left := x.left(t, p); len(left) > 0 || refused == 0 {
			t.Errorf("left of her: %v; %d messages were refused", left, refused)
		}
	})
}

// What a process that died, or a store that was away, has left is made up for.
func TestAnErasureThatWasInterruptedIsResumed(t *testing.T) {
	each(t, func(t *testing.T, x *desk) {
		p := x.person(t, "李梅")
		x.broken = errors.New("the store is away")
		must(t, x.Erase(t.Context(), x.boss, p.contact, tickets.ErasedOnRequest))
		must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error { // and half of the messages were not reached
			return tx.Exec(`UPDATE messages SET body = ?, state = '', dedupe = NULL WHERE ticket_id = ? AND pos > 100`, []byte("x"), p.ticket).Error
		}))
		if err := x.Resume(t.Context()); err == nil {
			t.Error("the store is away, and nobody says so")
		}
		x.broken = nil
		must(t, x.Resume(t.Context()))
		open, err := x.tickets.OpenErasures(t.Context(), 10)
		must(t, err)
		if left := x.left(t, p); len(left) > 0 || len(open) > 0 {
			t.Errorf("left of her: %v; %v are open", left, open)
		}
	})
}

// A backup that is older than an erasure brings rows back without their keys.
func TestRowsWithoutAKeyAreErasedAgain(t *testing.T) {
	each(t, func(t *testing.T, x *desk) {
		p, other := x.person(t, "李梅"), x.person(t, "韩梅梅")
		before := x.left(t, other)
		must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error { return x.seal.DropContactKeys(tx, p.contact) }))
		for round, want := range []int{1, 0} {
			n, err := x.Sweep(t.Context())
			must(t, err)
			if n != want {
				t.Errorf("round %d: %d were erased, want %d", round, n, want)
			}
		}
		if left := x.left(t, p); len(left) > 0 {
			t.Errorf("left of her: %v", left)
		}
		if now := x.left(t, other); !slices.Equal(now, before) {
			t.Errorf("of another person %v were left, %v are", before, now)
		}
	})
}

// A table that names a contact, or has something sealed or hashed, is either somebody's, with a word on how it is erased and exported, or nobody's.
func TestEveryTableHasAHolder(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../tickets/seal/doc.go")
	must(t, err)
	holders, table, seen := privacy.Holders(), "", map[string]bool{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line, ok := strings.CutPrefix(lines.Text(), "//\t")
		if !ok {
			continue
		}
		if !strings.HasPrefix(line, " ") {
			table = line
			continue
		}
		if words := strings.Fields(line); seen[table] || (words[0] == "clear" && !slices.Contains(words, "contact_id")) {
			continue
		}
		seen[table] = true
		h, known := holders[table]
		if !known {
			t.Errorf("%s names a contact or holds something sealed or hashed: say in app/privacy/holders.go whose it is, how it is erased and how exported", table)
		} else if (h.Nobody == "") == (h.Erased == "" || h.Exported == "") {
			t.Errorf("%s: say either that it is nobody's or how it is erased and exported", table)
		}
	}
	for name := range holders {
		if !seen[name] {
			t.Errorf("%s is in the register, but names no contact and holds nothing sealed or hashed", name)
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d tables were read", len(seen))
	}
}
