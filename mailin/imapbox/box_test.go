package imapbox_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"huiyin/mailin/imapbox"
	"huiyin/mailin/mailtest"
)

func config(d *mailtest.Dovecot, who string, s imapbox.Security) imapbox.Config {
	port := d.Plain
	if s == imapbox.TLS {
		port = d.Secure
	}
	return imapbox.Config{Host: "127.0.0.1", Port: port, Security: s, User: who, Password: mailtest.Password, TLS: d.TLS(), CommandTime: 10 * time.Second, FetchTime: 10 * time.Second}
}

func open(t testing.TB, c imapbox.Config) *imapbox.Box {
	t.Helper()
	b, err := imapbox.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func letter(n int) []byte {
	return fmt.Appendf(nil, "From: a@b.example\r\nSubject: number %d\r\nMessage-ID: <%d@b.example>\r\n\r\nhello %d\r\n", n, n, n)
}

// all reads what is new.
func all(t testing.TB, b *imapbox.Box, after uint32, limit int, most int64) (got []imapbox.Mail, more bool) {
	t.Helper()
	more, err := b.New(t.Context(), after, limit, most, func(m imapbox.Mail) error {
		got = append(got, m)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got, more
}

const mega = 1 << 20

func TestMailsComeOnceInOrderAndWhole(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t)
	for n := range 120 {
		d.Deliver("li", "", letter(n))
	}
	for _, s := range []imapbox.Security{imapbox.TLS, imapbox.StartTLS, imapbox.Plain} {
		t.Run(string(s), func(t *testing.T) {
			b := open(t, config(d, "li", s))
			if b.Total() != 120 || b.UIDValidity() == 0 || !b.Idles() {
				t.Errorf("%d mails, validity %d, idles %v", b.Total(), b.UIDValidity(), b.Idles())
			}
			got, more := all(t, b, 0, 70, mega)
			if len(got) != 70 || !more {
				t.Fatalf("%d mails, more %v", len(got), more)
			}
			rest, more := all(t, b, got[69].UID, 1000, mega)
			if len(rest) != 50 || more {
				t.Fatalf("%d mails, more %v", len(rest), more)
			}
			seen := map[string]bool{}
			last := uint32(0)
			for _, m := range append(got, rest...) {
				if m.UID <= last || !strings.HasSuffix(string(m.Raw), "\r\n") || m.At.IsZero() || m.Size != int64(len(m.Raw)) {
					t.Errorf("%d after %d, %d bytes of %d at %v", m.UID, last, len(m.Raw), m.Size, m.At)
				}
				last = m.UID
				seen[string(m.Raw)] = true
			}
			if len(seen) != 120 {
				t.Errorf("%d different mails", len(seen))
			}
			if none, more := all(t, b, last, 10, mega); len(none) != 0 || more {
				t.Errorf("after the last one: %d mails", len(none))
			}
		})
	}
}

func TestWhatIsDoneIsMovedOrMarked(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t)
	for n := range 5 {
		d.Deliver("li", "", letter(n))
	}
	c := config(d, "li", imapbox.TLS)
	b := open(t, c)
	got, _ := all(t, b, 0, 10, mega)
	if err := b.Done(t.Context(), []uint32{got[0].UID}); err != nil { // marked
		t.Fatal(err)
	}
	c.Processed = "Huiyin"
	b = open(t, c)
	for range 2 {
		if err := b.Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Done(t.Context(), []uint32{got[1].UID, got[2].UID, 4711}); err != nil {
		t.Fatal(err)
	}
	if rest, _ := all(t, b, 0, 10, mega); len(rest) != 3 {
		t.Errorf("%d mails are left, want 3", len(rest))
	}
	c.Folder, c.Processed = "Huiyin", ""
	if moved, _ := all(t, open(t, c), 0, 10, mega); len(moved) != 2 || string(moved[0].Raw) != string(letter(1)) {
		t.Errorf("%d were moved", len(moved))
	}
}

func TestAMailThatIsTooLargeComesWithItsBeginning(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t)
	d.Deliver("li", "", letter(1))
	d.Deliver("li", "", append(letter(2), strings.Repeat("x", 2*mega)...))
	d.Deliver("li", "", letter(3))
	got, _ := all(t, open(t, config(d, "li", imapbox.TLS)), 0, 10, mega)
	if len(got) != 3 || got[1].Size < 2*mega || len(got[1].Raw) > 300<<10 || !strings.HasPrefix(string(got[1].Raw), "From: a@b.example") || string(got[2].Raw) != string(letter(3)) {
		t.Errorf("%d mails: %d of %d bytes", len(got), len(got[1].Raw), got[1].Size)
	}
}

func TestANewMailEndsTheWait(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t)
	d.Deliver("li", "", letter(1))
	b := open(t, config(d, "li", imapbox.TLS))
	got, _ := all(t, b, 0, 10, mega)
	for b.Wait(t.Context(), 20*time.Millisecond) != nil { // what the first look has stirred
		t.Fatal("the connection broke")
	}
	go func() {
		time.Sleep(100 * time.Millisecond)
		d.Deliver("li", "", letter(2))
	}()
	begin := time.Now()
	if err := b.Wait(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("the wait took %v", took)
	}
	if more, _ := all(t, b, got[0].UID, 10, mega); len(more) != 1 {
		t.Errorf("%d mails after the wait", len(more))
	}
	begin = time.Now()
	if err := b.Wait(t.Context(), 50*time.Millisecond); err != nil || time.Since(begin) > 10*time.Second {
		t.Errorf("a quiet wait: %v after %v", err, time.Since(begin))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := b.Wait(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a wait that is ended: %v", err)
	}
}

func TestAnotherValidityIsSeen(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t)
	d.Deliver("li", "", letter(1))
	before := open(t, config(d, "li", imapbox.TLS)).UIDValidity()
	d.Forget("li", "")
	if after := open(t, config(d, "li", imapbox.TLS)).UIDValidity(); after == before {
		t.Errorf("the validity is still %d", after)
	}
}

func TestAServerThatGoesEndsTheWait(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t)
	b := open(t, config(d, "li", imapbox.TLS))
	go func() {
		time.Sleep(100 * time.Millisecond)
		d.Stop()
	}()
	if err := b.Wait(t.Context(), time.Minute); err == nil {
		t.Error("no error")
	}
}

func TestWhatFailsIsSaid(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t)
	good := config(d, "li", imapbox.TLS)
	for name, c := range map[string]struct {
		change func(*imapbox.Config)
		step   imapbox.Step
		reason imapbox.Reason
	}{
		"a wrong password":           {func(c *imapbox.Config) { c.Password = "nope" }, imapbox.StepSignIn, imapbox.ReasonPassword},
		"a folder that is not there": {func(c *imapbox.Config) { c.Folder = "Nowhere" }, imapbox.StepFolder, imapbox.ReasonMissing},
		"nobody listens":             {func(c *imapbox.Config) { c.Port = 1 }, imapbox.StepDial, imapbox.ReasonRefused},
		"a name that is none":        {func(c *imapbox.Config) { c.Host = "nowhere.invalid" }, imapbox.StepDial, imapbox.ReasonName},
		"a stranger's certificate":   {func(c *imapbox.Config) { c.TLS = nil }, imapbox.StepTLS, imapbox.ReasonCertificate},
		"TLS where there is none":    {func(c *imapbox.Config) { c.Port = d.Plain }, imapbox.StepTLS, imapbox.ReasonNoTLS},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := good
			c.change(&config)
			_, err := imapbox.Open(t.Context(), config)
			var e *imapbox.Error
			if !errors.As(err, &e) || e.Step != c.step || e.Reason != c.reason {
				t.Errorf("%v", err)
			}
			if err != nil && strings.Contains(err.Error(), mailtest.Password) {
				t.Errorf("the password is in it: %v", err)
			}
		})
	}
}
