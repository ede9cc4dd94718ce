package imapbox

import (
	"context"
	"math"
	"time"

	"github.com/emersion/go-imap/v2"
)

// foldersMost is how many folders are told of.
const foldersMost = 200

// Folders gives the names of the folders that can be opened. Errors: *Error.
func (b *Box) Folders(ctx context.Context) (names []string, err error) {
	err = b.within(ctx, b.config.CommandTime, func() error {
		list, err := b.client.List("", "*", nil).Collect()
		for _, one := range list {
			if len(names) < foldersMost && !hasAttr(one.Attrs, imap.MailboxAttrNoSelect) && !hasAttr(one.Attrs, imap.MailboxAttrNonExistent) {
				names = append(names, one.Mailbox)
			}
		}
		return err
	})
	return names, fail(StepFolder, err)
}

func hasAttr(list []imap.MailboxAttr, one imap.MailboxAttr) bool {
	for _, attr := range list {
		if attr == one {
			return true
		}
	}
	return false
}

// Last gives the UID of the folder's newest mail; 0: it is empty. Errors: *Error.
func (b *Box) Last(ctx context.Context) (last uint32, err error) {
	err = b.within(ctx, b.config.CommandTime, func() error {
		// "n:*" is answered with the last mail when there is none above n (RFC 9051, 6.4.9).
		data, err := b.client.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{{imap.UIDRange{Start: math.MaxUint32}}}}, nil).Wait()
		if err != nil {
			return err
		}
		for _, uid := range data.AllUIDs() {
			last = max(last, uint32(uid))
		}
		return nil
	})
	return last, fail(StepFetch, err)
}

// Since gives the lowest UID of the mails that the server took on a day or later; 0: there are none. Errors: *Error.
func (b *Box) Since(ctx context.Context, day time.Time) (first uint32, err error) {
	err = b.within(ctx, b.config.CommandTime, func() error {
		data, err := b.client.UIDSearch(&imap.SearchCriteria{Since: day}, nil).Wait()
		if err != nil {
			return err
		}
		for _, uid := range data.AllUIDs() {
			if first == 0 || uint32(uid) < first {
				first = uint32(uid)
			}
		}
		return nil
	})
	return first, fail(StepFetch, err)
}
