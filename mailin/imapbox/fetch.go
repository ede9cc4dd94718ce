package imapbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Mail is one that has come, whole.
type Mail struct {
	UID uint32
	Raw []byte
	At  time.Time // when the server took it
	// Size is how large it is; more than len(Raw) when only its headers were fetched because it is too large.
	Size int64
}

// fetchAtOnce is how many mails one command asks for.
const fetchAtOnce = 50

// bytesAtOnce is how much of them is in memory before it is taken.
const bytesAtOnce = 16 << 20

// headersOnly is how much of a mail is fetched that is too large, in bytes.
const headersOnly = 256 << 10

var (
	errShort = errors.New("the server's answer lacks mails that are there")
	errCut   = errors.New("a mail was cut off")
)

// New calls take for each mail with a UID above after, in their order, until there are no more, limit is reached or take gives an
// error. Mails over maxSize bytes come with their beginning only. more tells whether some are left. What take has not got was not
// passed over: it comes with the next call that begins at the last UID taken.
//
// Errors: *Error, or take's.
func (b *Box) New(ctx context.Context, after uint32, limit int, maxSize int64, take func(Mail) error) (more bool, err error) {
	uids, err := b.search(ctx, after)
	if err != nil {
		return false, fail(StepFetch, err)
	}
	if len(uids) > limit {
		uids, more = uids[:limit], true
	}
	for part := range slices.Chunk(uids, fetchAtOnce) {
		if err := b.chunk(ctx, part, maxSize, take); err != nil {
			return more, err
		}
	}
	return more, nil
}

// search gives the UIDs above one, in their order. A server answers "n:*" with its last mail when there is none above.
func (b *Box) search(ctx context.Context, after uint32) (uids []imap.UID, err error) {
	err = b.within(ctx, b.config.CommandTime, func() error {
		data, err := b.client.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{{imap.UIDRange{Start: imap.UID(after) + 1}}}}, nil).Wait()
		if err != nil {
			return err
		}
		uids = slices.DeleteFunc(data.AllUIDs(), func(u imap.UID) bool { return u <= imap.UID(after) })
		slices.Sort(uids)
		uids = slices.Compact(uids)
		return nil
	})
	return uids, err
}

// about is what is known of a mail before it is fetched.
type about struct {
	size int64
	at   time.Time
	seq  uint32
}

// chunk fetches some mails.
func (b *Box) chunk(ctx context.Context, uids []imap.UID, maxSize int64, take func(Mail) error) error {
	known, err := b.sizes(ctx, uids)
	if err != nil {
		return fail(StepFetch, err)
	}
	var whole []imap.UID
	for _, uid := range uids {
		if a, there := known[uid]; there && a.size <= maxSize {
			whole = append(whole, uid)
		}
	}
	var got map[imap.UID][]byte
	for _, uid := range uids {
		a, there := known[uid]
		if !there { // deleted since: nothing is missed
			continue
		}
		if len(whole) > 0 && whole[0] == uid { // so many as fit into memory, and are safe before the next come
			n := fitting(whole, known)
			if got, err = b.bodies(ctx, imap.UIDSetNum(whole[:n]...), n, 0); err != nil {
				return fail(StepFetch, err)
			}
			whole = whole[n:]
		}
		raw, ok := got[uid]
		if !ok { // too large, or left out of the answer
			if raw, err = b.one(ctx, uid, a, maxSize); err != nil {
				return fail(StepFetch, err)
			}
		}
		if err := take(Mail{UID: uint32(uid), Raw: raw, At: a.at, Size: max(a.size, int64(len(raw)))}); err != nil {
			return err
		}
	}
	return nil
}

// fitting gives how many mails are fetched together: bytesAtOnce, but one at least.
func fitting(uids []imap.UID, known map[imap.UID]about) (n int) {
	total := int64(0)
	for n < len(uids) && (n == 0 || total+known[uids[n]].size <= bytesAtOnce) {
		total += known[uids[n]].size
		n++
	}
	return n
}

// sizes asks what the mails are like. Those that are gone are not in the answer.
func (b *Box) sizes(ctx context.Context, uids []imap.UID) (known map[imap.UID]about, err error) {
	known = map[imap.UID]about{}
	ask := func(set imap.NumSet) error {
		return b.within(ctx, b.config.CommandTime, func() error {
			cmd := b.client.Fetch(set, &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true})
			for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
				buf, err := msg.Collect()
				if err != nil {
					return errors.Join(err, cmd.Close())
				}
				if slices.Contains(uids, buf.UID) {
					known[buf.UID] = about{buf.RFC822Size, buf.InternalDate, buf.SeqNum}
				}
			}
			return cmd.Close()
		})
	}
	if err := ask(imap.UIDSetNum(uids...)); err != nil {
		return nil, err
	}
	if len(known) == len(uids) {
		return known, nil
	}
	// Gone, or left out? The numbers of all mails tell.
	err = ask(imap.SeqSet{imap.SeqRange{Start: 1}})
	return known, err
}

// bodies fetches mails. What is not whole, or stands under no UID, is not in the answer; a connection that broke is an error.
func (b *Box) bodies(ctx context.Context, set imap.NumSet, n int, most int64) (got map[imap.UID][]byte, err error) {
	got = map[imap.UID][]byte{}
	if n == 0 {
		return got, nil
	}
	err = b.moving(ctx, b.config.FetchTime*time.Duration(1+n/10), func() error {
		cmd := b.client.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section(most)}})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			uid, raw, err := readBody(msg)
			if err != nil { // cmd.Close would read the broken mail again, beside go-imap's own reader
				b.hangUp()
				return err
			}
			if uid != 0 && raw != nil {
				got[uid] = raw
			}
		}
		return cmd.Close()
	})
	return got, err
}

func section(most int64) *imap.FetchItemBodySection {
	s := &imap.FetchItemBodySection{Peek: true}
	if most > 0 {
		s.Partial = &imap.SectionPartial{Offset: 0, Size: most}
	}
	return s
}

// readBody reads one answer. A literal that was cut off reads as if it were complete, so its length is compared.
func readBody(msg *imapclient.FetchMessageData) (uid imap.UID, raw []byte, err error) {
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = item.UID
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			if raw, err = io.ReadAll(item.Literal); err != nil {
				return 0, nil, err
			}
			if int64(len(raw)) != item.Literal.Size() {
				return 0, nil, fmt.Errorf("%w: %d of %d bytes", errCut, len(raw), item.Literal.Size())
			}
		}
	}
	return uid, raw, nil
}

// one fetches a mail by itself: its beginning when it is too large, else by its number, for some servers give the UID after the
// body, which go-imap then drops.
func (b *Box) one(ctx context.Context, uid imap.UID, a about, maxSize int64) ([]byte, error) {
	most := int64(0)
	if a.size > maxSize {
		most = headersOnly
	}
	got, err := b.bodies(ctx, imap.UIDSetNum(uid), 1, most)
	if err != nil {
		return nil, err
	}
	if raw, ok := got[uid]; ok {
		return raw, nil
	}
	var raw []byte
	err = b.moving(ctx, b.config.FetchTime, func() error {
		cmd := b.client.Fetch(imap.SeqSetNum(a.seq), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section(most)}})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			is, body, err := readBody(msg)
			if err != nil {
				b.hangUp()
				return err
			}
			if is == uid {
				raw = body
			}
		}
		return cmd.Close()
	})
	if err == nil && raw == nil {
		err = fmt.Errorf("%w: UID %d", errShort, uid)
	}
	return raw, err
}

// canMove tells whether mails can be moved without touching others: without both extensions go-imap would delete whatever anybody
// has marked as deleted.
func (b *Box) canMove() bool {
	caps := b.client.Caps()
	return caps.Has(imap.CapMove) || caps.Has(imap.CapUIDPlus)
}

// Done puts mails away that are safe elsewhere: into the folder for them, or marked as seen where they have none or
// the server cannot move. Errors: *Error.
func (b *Box) Done(ctx context.Context, uids []uint32) error {
	for part := range slices.Chunk(uids, fetchAtOnce*4) {
		set := imap.UIDSet{}
		for _, u := range part {
			set.AddNum(imap.UID(u))
		}
		err := b.within(ctx, b.config.CommandTime, func() error {
			if b.config.Processed != "" && b.canMove() {
				_, err := b.client.Move(set, b.config.Processed).Wait()
				return err
			}
			return b.client.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}, nil).Close()
		})
		if err != nil {
			return fail(StepMove, err)
		}
	}
	return nil
}
