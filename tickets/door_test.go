package tickets_test

import (
	"testing"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// A full disk takes in nothing new; who was answered before is answered so again, and nobody else is stopped.
func TestAClosedDoorKeepsOutWhatIsNew(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.hears(t, "a", "你好")
		closed := true
		s := tickets.New(tickets.Options{Store: d.store, Sealer: d.sealer, IDs: d.ids, Now: d.now, MayReceive: func() error {
			if closed {
				return fault.New(fault.Unavailable, "error.disk.full")
			}
			return nil
		}})
		say := func(source string) (tickets.Received, error) {
			return s.Receive(bg, tickets.Inbound{InboxID: d.chat.ID, ContactID: d.li.ID, SourceID: source, Body: "在吗"})
		}
		if _, err := say("b"); fault.As(err) == nil || fault.As(err).Kind != fault.Unavailable {
			t.Errorf("taken in: %v", err)
		}
		again, err := say("a")
		ok(t, err)
		equal(t, again.Duplicate, true)
		closed = false
		r, err := say("b")
		ok(t, err)
		equal(t, r.Message.Pos, 3)
	})
}
