package privacy

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// data writes data.json: times are RFC 3339 in UTC, ids are strings of digits.
func (e *Export) data(ctx context.Context, w io.Writer) error {
	d := &jsonWriter{w: w}
	p, known, consents := e.Contact, []map[string]any{}, []map[string]any{}
	for _, i := range p.Identities {
		known = append(known, map[string]any{"kind": i.Kind, "value": i.Value, "verified": i.Verified, "at": stamp(i.CreatedAt)})
	}
	for _, k := range e.Consents {
		one := map[string]any{"purpose": k.Purpose, "version": k.Version, "source": k.Source, "given_at": stamp(k.GivenAt), "withdrawn_at": nil}
		if k.WithdrawnAt != nil {
			one["withdrawn_at"] = stamp(*k.WithdrawnAt)
		}
		consents = append(consents, one)
	}
	d.text(`{"contact":`)
	d.value(map[string]any{
		"id": p.ID, "name": p.Name, "locale": p.Locale, "created_at": stamp(p.CreatedAt), "last_seen_at": stamp(p.LastSeenAt),
		"identities": known, "consents": consents,
	})
	d.text(`,"tickets":[`)
	err := e.walk(ctx, d.walker(ctx, e))
	d.text(`],"elsewhere":[`)
	if err == nil {
		d.inTalks = false
		err = e.elsewhere(ctx, d.walker(ctx, e).message)
	}
	d.text("]")
	if err == nil {
		err = e.partsData(ctx, d)
	}
	d.text("}\n")
	if err == nil {
		err = d.err
	}
	return err
}

// from is who wrote a message: contact means the person of the export.
func from(m *tickets.Message, her id.ID) string {
	if m.GuestID != nil && *m.GuestID != her {
		return "participant"
	}
	return string(m.AuthorKind)
}

func stamp(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }

// jsonWriter writes JSON piece by piece; the first error stays.
type jsonWriter struct {
	w                  io.Writer
	err                error
	inTickets, inTalks bool // something stands in the list already
}

func (d *jsonWriter) text(s string) {
	if d.err == nil {
		_, d.err = io.WriteString(d.w, s)
	}
}

func (d *jsonWriter) value(v any) {
	if d.err != nil {
		return
	}
	var b []byte
	if b, d.err = json.Marshal(v); d.err == nil {
		_, d.err = d.w.Write(b)
	}
}

func (d *jsonWriter) comma(before *bool) {
	if *before {
		d.text(",")
	}
	*before = true
}

func (d *jsonWriter) walker(ctx context.Context, e *Export) walker {
	return walker{
		begin: func(t *tickets.Ticket, r *tickets.Rating, wish *tickets.TextWish) error {
			d.comma(&d.inTickets)
			head := map[string]any{
				"id": t.ID, "number": t.Number, "status": t.Status, "subject": t.Subject, "order": t.Order, "page_url": t.PageURL, "page_title": t.PageTitle,
				"created_at": stamp(t.CreatedAt), "updated_at": stamp(t.UpdatedAt),
			}
			if r != nil {
				head["rating"] = map[string]any{"score": r.Score, "comment": r.Comment, "at": stamp(r.UpdatedAt)}
			}
			if wish != nil {
				head["text_number"] = map[string]any{"phone": wish.Phone, "at": stamp(wish.ConsentAt)}
			}
			d.text(`{"ticket":`)
			d.value(head)
			d.text(`,"messages":[`)
			d.inTalks = false
			return d.err
		},
		message: func(m *tickets.Message) error {
			d.comma(&d.inTalks)
			files := []map[string]any{}
			for i := range m.Attachments {
				a := &m.Attachments[i]
				files = append(files, map[string]any{"name": a.Name, "type": a.Type, "size": a.Size, "path": fileName(a)})
			}
			said := map[string]any{"pos": m.Pos, "seq": m.Seq, "kind": m.Kind, "from": from(m, e.Contact.ID), "body": m.Body, "state": m.State, "at": stamp(m.CreatedAt), "files": files}
			mail, err := e.mail(ctx, m)
			if err != nil {
				return err
			}
			if mail != nil {
				said["mail"] = mailData(mail, m.ID)
			}
			d.value(said)
			return d.err
		},
		end: func() error { d.text("]}"); return d.err },
	}
}
