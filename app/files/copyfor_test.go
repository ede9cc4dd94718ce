package files_test

import (
	"bytes"
	"testing"

	"gorm.io/gorm"

	"huiyin/app/files"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

func TestAFileCopiedForAnotherPersonOutlivesTheKeyOfTheFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, x *desk) {
		content := pngOf(t, 600, 300)
		a := x.takes(t, "发票.png", content)
		mei, err := x.tickets.CreateContact(t.Context(), tickets.NewContact{Name: "韩梅梅"})
		must(t, err)
		_, err = x.tickets.Receive(t.Context(), tickets.Inbound{InboxID: x.inbox.ID, ContactID: x.her.ID, Attachments: []id.ID{a.ID}})
		must(t, err)
		c, err := x.CopyFor(t.Context(), a, mei.ID)
		must(t, err)
		if c.ID == a.ID || c.File == a.File || c.KeyID != mei.KeyID || c.Name != a.Name || c.MessageID != nil || c.State != tickets.AttachmentWaiting || *c.ContactID != x.her.ID {
			t.Errorf("the copy: %+v", c)
		}
		must(t, x.Finish(t.Context(), c.ID))
		must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error { return x.seal.DropContactKeys(tx, x.her.ID) }))
		if _, err := x.reads(t, a, files.Original); err == nil {
			t.Error("the first one can still be read")
		}
		back, err := x.reads(t, c, files.Original)
		must(t, err)
		if !bytes.Equal(back, content) {
			t.Error("other bytes came back")
		}
		must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error {
			_, err := x.tickets.EraseContactTx(tx, tickets.Actor{Kind: tickets.ActorSystem}, mei.ID, tickets.ErasedOnRequest)
			return err
		}))
		if _, err := x.CopyFor(t.Context(), c, mei.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("a copy for somebody who was erased: %v", err)
		}
	})
}
