package probe

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"huiyin/mailin/imapbox"
)

const subject = "Huiyin test"

// Marker stands in the subject of every mail of a test, before its token; a reader leaves such mails of its own address alone.
const Marker = "huiyintest-"

func token() string { return Marker + strings.ToLower(rand.Text()[:10]) }

func (r *run) send(ctx context.Context, m Mail) bool {
	r.report(Step{Name: SMTP, State: Running, Host: r.Host})
	if f := r.Send(ctx, m); f != nil {
		r.report(Step{Name: SMTP, State: Failed, Reason: f.Reason, Host: r.Host, Said: Scrub(f.Said, r.IMAP.Password)})
		return false
	}
	r.result.Sends = true
	r.report(Step{Name: SMTP, State: OK, Host: r.Host})
	return true
}

// mails sends the mailbox two mails of its own.
func (r *run) mails(ctx context.Context) {
	if r.Send == nil {
		return
	}
	for _, one := range r.boxes {
		last, err := one.box.Last(ctx)
		if err != nil {
			r.report(Step{Name: Arrives, State: Failed, Reason: string(imapbox.ReasonOf(err)), Said: r.said(err)})
			r.sendOnly(ctx)
			return
		}
		one.last = last
	}
	plain, plus := token(), token()
	if !r.send(ctx, Mail{To: r.Address, Subject: subject + " " + plain, Token: plain}) {
		return
	}
	r.report(Step{Name: Arrives, State: Running})
	refused := r.sendPlus(ctx, plus)
	wait := &waiting{run: r, plain: plain, plus: plus, rejected: refused, began: time.Now()}
	wait.watch(ctx)
	wait.tell()
}

// sendPlus sends the second mail; refused says that the server takes none at such an address.
func (r *run) sendPlus(ctx context.Context, token string) (refused bool) {
	local, domain, _ := strings.Cut(r.Address, "@")
	local, _, _ = strings.Cut(local, "+")
	f := r.Send(ctx, Mail{To: local + "+" + token + "@" + domain, Subject: subject + " " + token, Token: token})
	return f != nil && f.Recipient
}

// folder is one that is looked into.
type folder struct {
	box  *imapbox.Box
	last uint32
}

// waiting looks for the mails of a test.
type waiting struct {
	*run
	plain, plus       string
	hasPlain, hasPlus bool
	rejected          bool // the second one was refused, at once or by a mail that came back
	began, plainAt    time.Time
	broken            error
}

// watch looks until both have come, or the time is over.
func (w *waiting) watch(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, w.Wait)
	defer cancel()
	for {
		for _, one := range w.boxes {
			if err := w.look(ctx, one); err != nil {
				if ctx.Err() == nil {
					w.broken = err
				}
				return
			}
		}
		if w.hasPlain && w.plainAt.IsZero() {
			w.plainAt = time.Now()
			w.report(Step{Name: Arrives, State: OK})
			w.report(Step{Name: Plus, State: Running})
		}
		if w.hasPlain && (w.hasPlus || w.rejected || time.Since(w.plainAt) > plusWait) {
			return
		}
		select {
		case <-time.After(w.Pace):
		case <-ctx.Done():
			return
		}
	}
}

// look reads what has come into a folder and puts the test's mails away.
func (w *waiting) look(ctx context.Context, one *folder) error {
	var ours []uint32
	_, err := one.box.New(ctx, one.last, looksMost, lookedAt, func(m imapbox.Mail) error {
		one.last = m.UID
		head, _, _ := bytes.Cut(m.Raw, []byte("\r\n\r\n"))
		is := func(token string) bool { return bytes.Contains(head, []byte("Subject: "+subject+" "+token)) }
		switch {
		case is(w.plain):
			w.hasPlain = true
		case is(w.plus):
			w.hasPlus = true
		case bytes.Contains(m.Raw, []byte(w.plus)): // a mail about it: it came back
			w.rejected = true
		default:
			return nil
		}
		ours = append(ours, m.UID)
		return nil
	})
	if len(ours) > 0 {
		away, cancel := context.WithTimeout(context.WithoutCancel(ctx), putAwayTime)
		defer cancel()
		err = errors.Join(err, one.box.Done(away, ours))
	}
	return err
}

// tell says what has come of it.
func (w *waiting) tell() {
	switch {
	case w.broken != nil && !w.hasPlain:
		w.report(Step{Name: Arrives, State: Failed, Reason: string(imapbox.ReasonOf(w.broken)), Said: w.said(w.broken)})
	case !w.hasPlain:
		w.report(Step{Name: Arrives, State: Failed, Reason: ReasonNever})
	case w.hasPlus:
		w.result.Plus = "yes"
		w.report(Step{Name: Plus, State: OK})
	case w.rejected:
		w.result.Plus = "no"
		w.report(Step{Name: Plus, State: Unknown, Reason: ReasonRejected})
	case w.broken != nil:
		w.report(Step{Name: Plus, State: Unknown, Reason: string(imapbox.ReasonOf(w.broken))})
	default:
		w.result.Plus = "no"
		w.report(Step{Name: Plus, State: Unknown, Reason: ReasonNever})
	}
}
