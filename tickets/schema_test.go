package tickets_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets"
	"huiyin/tickets/id"
	"huiyin/tickets/seal/sealtest"
)

func TestModelsAndSchemasAgree(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		dbtest.CheckModels(t, d.db, &tickets.Contact{}, &tickets.Identity{}, &tickets.Agent{}, &tickets.Team{}, &tickets.Inbox{}, &tickets.Ticket{},
			&tickets.Message{}, &tickets.Attachment{}, &tickets.Draft{}, &tickets.Event{}, &tickets.Macro{}, &tickets.MacroGroup{}, &tickets.MacroFile{})
	})
}

// spy remembers the statements that went through a handle.
type spy struct {
	gorm.ConnPool
	mu   *sync.Mutex
	said map[string][]any
}

func (s spy) note(query string, args []any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said[query] = args
}

func (s spy) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s.note(query, args)
	return s.ConnPool.QueryContext(ctx, query, args...)
}

func (s spy) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s.note(query, args)
	return s.ConnPool.QueryRowContext(ctx, query, args...)
}

// small are tables (and x, a subquery with a limit; part, a ticket with what was merged into it; a row of constants) that have a few rows however long the desk runs, and may be read whole.
var small = []string{"agents", "ticket_counts", "a", "g", "i", "x", "part", "CONSTANT"}

func TestNoReadWalksThroughATable(t *testing.T) {
	t.Parallel()
	database := dbtest.Open(t, db.SQLite)
	s := spy{mu: &sync.Mutex{}, said: map[string][]any{}}
	d := newDeskOn(t, database, tickets.Store{
		Write: database.Write, After: db.After,
		Read: func(ctx context.Context) *gorm.DB {
			tx := database.Read(ctx).Session(&gorm.Session{NewDB: true, Context: ctx})
			tx.Statement.ConnPool = spy{ConnPool: tx.Statement.ConnPool, mu: s.mu, said: s.said}
			return tx
		},
	})
	d.readEverything(t)
	if len(s.said) < 30 {
		t.Fatalf("only %d statements were seen", len(s.said))
	}
	for query, args := range s.said {
		for _, detail := range explain(t, database, query, args) {
			words := strings.Fields(detail)
			walks := words[0] == "SCAN" && !slices.Contains(small, words[1])
			if inOrder := slices.Contains(words, "INDEX"); walks && !(inOrder && strings.Contains(query, "LIMIT")) {
				t.Errorf("%s\n\t%s", detail, query)
			}
			if strings.Contains(detail, "TEMP B-TREE FOR ORDER BY") && strings.Contains(query, "JOIN contacts") && !strings.Contains(query, " IN (?") {
				t.Errorf("a list is sorted in memory: %s", query)
			}
		}
	}
}

// explain gives SQLite's plan of a statement.
func explain(t *testing.T, database *db.DB, query string, args []any) (plan []string) {
	t.Helper()
	rows, err := database.Read(bg).Raw(`EXPLAIN QUERY PLAN `+query, args...).Rows()
	ok(t, err)
	defer rows.Close()
	for rows.Next() {
		var node, parent, unused int
		var detail string
		ok(t, rows.Scan(&node, &parent, &unused, &detail))
		plan = append(plan, detail)
	}
	ok(t, rows.Err())
	return plan
}

// readEverything calls every read there is.
func (d *desk) readEverything(t *testing.T) {
	t.Helper()
	all := d.fill(t)
	r, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, SourceID: "a", Body: "你好", Order: "2026-1234"})
	ok(t, err)
	until := d.millis() + 60_000
	for _, err := range []error{
		second(d.Snooze(bg, d.wang, all[5], &until)),
		second(d.Recall(bg, tickets.Actor{Kind: tickets.ActorContact, ID: d.li.ID}, r.Ticket.ID, 1)),
		d.MarkRead(bg, d.wang, r.Ticket.ID, 1),
		d.SaveDraft(bg, d.wang.ID, r.Ticket.ID, tickets.KindReply, "您"),
	} {
		ok(t, err)
	}
	for _, list := range []tickets.ListName{tickets.ListUnassigned, tickets.ListMine, tickets.ListColleagues, tickets.ListSnoozed, tickets.ListAll} {
		_, err := d.listAll(list, d.wang.ID, 2)
		ok(t, err)
	}
	for _, query := range []string{"1001", "2026-1234", "1234", "61234", "李雷", "王小明 mia", "a@b.cn", "13800138000"} {
		_, err := d.Find(bg, query, 10)
		ok(t, err)
	}
	for _, err := range []error{
		second(d.Counts(bg, d.wang.ID)), second(d.Ticket(bg, r.Ticket.ID)), second(d.TicketByNumber(bg, r.Ticket.Number)),
		second(d.CurrentChat(bg, d.chat.ID, d.li.ID)), second(d.CurrentChat(bg, d.chat.ID, 17)),
		second(d.Timeline(bg, r.Ticket.ID, 0, 10)), second(d.TimelineBefore(bg, r.Ticket.ID, 0, 10)), second(d.Visible(bg, r.Ticket.ID, 0, 10)),
		second(d.ChangedSince(bg, r.Ticket.ID, 10)), second(d.ChangedPlaces(bg, r.Ticket.ID, 10)), second(d.DueHeld(bg, d.now(), 10)), second(d.ContactTickets(bg, d.li.ID, d.chat.ID, 0, 10)), second(d.ContactTickets(bg, d.li.ID, 0, 0, 10)),
		second(d.EarlierTickets(bg, d.li.ID, 0, 10)), second(d.Contact(bg, d.li.ID)), second(d.Aliases(bg, d.li.ID)), second(d.Accepted(bg, d.li.ID, "privacy")),
		second(d.AgentByEmail(bg, "wang@huiyin.test")), second(d.Agents(bg)), second(d.CountAgents(bg)), second(d.Teams(bg)), second(d.Inboxes(bg)),
		second(d.service().InboxByKey(bg, d.chat.Key)), second(d.service().Inbox(bg, d.chat.ID)), second(d.Drafts(bg, d.wang.ID, r.Ticket.ID)),
		second(d.DraftTickets(bg, d.wang.ID, all)), second(d.EventsAfter(bg, 3, 10)), second(d.WakeSnoozed(bg, 10)), second(d.MarkOverdue(bg, 10)), d.Seen(bg, d.li.ID),
		d.EnsureDefaults(bg), second(d.Heads(bg, all)), second(d.ContactHeads(bg, []id.ID{d.li.ID, 17})), third(d.QueueAhead(bg, r.Ticket)),
		second(d.Macros(bg, d.wang)), second(d.MacrosVersion(bg, d.wang)), second(d.PlanMacros(bg, d.wang, own(d.wang), nil)),
		d.macroFilesRead(t), d.mergedRead(t), d.participantsRead(t, r.Ticket.ID),
	} {
		ok(t, err)
	}
}

// macroFilesRead reads the files of a quick reply, and lets the rows of deleted ones go.
func (d *desk) macroFilesRead(t *testing.T) error {
	t.Helper()
	m := d.macro(t, d.wang, tickets.MacroEdit{Shelf: own(d.wang), Group: "a", Title: "b", Text: "c"})
	ok(t, d.AddMacroFile(bg, d.wang, d.macroFile(m)))
	_, err := d.MacroFiles(bg, d.wang, m)
	return errors.Join(err, d.DeleteMacro(bg, d.wang, m))
}

// mergedRead merges a ticket, undoes it, and asks what was merged.
func (d *desk) mergedRead(t *testing.T) error {
	t.Helper()
	from, into := d.twoMatters(t)
	ok(t, second(d.MergeTicket(bg, d.wang, from.ID, into.ID)))
	_, err := d.MergedTickets(bg, into.ID)
	return errors.Join(err, second(d.UnmergeTicket(bg, d.wang, from.ID)))
}

// participantsRead asks who takes part in a ticket.
func (d *desk) participantsRead(t *testing.T, ticket id.ID) error {
	t.Helper()
	mei := d.contact(t, "韩梅梅").ID
	ok(t, d.AddParticipant(bg, d.wang, ticket, mei))
	_, err := d.IsParticipantTx(d.store.Read(bg), ticket, mei)
	return errors.Join(err, second(d.Participants(bg, ticket)), second(d.GuestMessages(bg, mei, 0, 10)))
}

func second[T any](_ T, err error) error { return err }

func third[T, U any](_ T, _ U, err error) error { return err }

func TestNothingPersonalStandsReadableOnTheDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	database, err := db.Open(bg, db.Options{Path: filepath.Join(dir, "huiyin.db")})
	ok(t, err)
	_, err = database.Migrate(bg)
	ok(t, err)
	d := newDesk(t, database)
	secrets := []string{
		"司马相如", "xiangru@changan.example", "+8613912345678", "凤求凰这一单退款三天还没到账", "琴台路订单页面", "https://shop.example/orders/qintai",
		"QT-20261120-7788", "卓文君客服", "wenjun@huiyin.example", "已经原路退回招商银行", "财务请查这笔流水号", "正在给您查询物流", "听琴小组", "改签标签", "夜间配送主题",
		"成都店面渠道", "欢迎光临琴台", "client-7f3a9b21c5d8", "Asia/Shanghai-secret",
		"琴台分组", "绿绮标题", "fengqiuhuang-qx", "一曲新词酒一杯",
	}
	contact := d.contact(t, secrets[0], verified(tickets.IdentityEmail, secrets[1]), claim(tickets.IdentityPhone, secrets[2]))
	agent := d.agent(t, secrets[8], secrets[7])
	r, err := d.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: contact.ID, SourceID: secrets[17], Body: secrets[3],
		Page: tickets.Page{URL: secrets[5], Title: secrets[4]}, Order: secrets[6]})
	ok(t, err)
	d.replies(t, agent, r.Ticket.ID, secrets[9])
	_, err = d.Post(bg, agent, tickets.Outgoing{TicketID: r.Ticket.ID, Kind: tickets.KindNote, Body: secrets[10]})
	ok(t, err)
	for _, err := range []error{
		d.SaveDraft(bg, agent.ID, r.Ticket.ID, tickets.KindReply, secrets[11]), second(d.CreateTeam(bg, secrets[12])),
		second(d.SetTags(bg, agent, r.Ticket.ID, []string{secrets[13]})), second(d.SetSubject(bg, agent, r.Ticket.ID, secrets[14])),
		second(d.CreateInbox(bg, tickets.NewInbox{Channel: tickets.ChannelChat, Name: secrets[15], Settings: tickets.InboxSettings{Greeting: secrets[16]}})),
		d.SetSetting(bg, "timezone", []byte(secrets[18])),
		second(d.AddMacro(bg, agent, tickets.MacroEdit{Shelf: own(agent), Group: secrets[19], Title: secrets[20], Shortcut: secrets[21], Text: secrets[22]})),
	} {
		ok(t, err)
	}
	got := d.ticket(t, r.Ticket.ID)
	equal(t, got.Subject, secrets[14])
	sealtest.Scan(t, dir, append(secrets, got.PageURL, d.chat.Secret))
	ok(t, database.Close())
	sealtest.Scan(t, dir, secrets)
}
