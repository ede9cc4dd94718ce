package files_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"huiyin/app/blob"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/files"
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

type desk struct {
	*files.Service
	tickets *tickets.Service
	seal    *seal.Sealer
	db      *db.DB
	dir     string
	inbox   *tickets.Inbox
	her     tickets.Actor
	now     time.Time
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	x := &desk{db: d, dir: filepath.Join(t.TempDir(), "files"), now: time.Now()}
	clock := func() time.Time { return x.now }
	ids := id.NewMaker(1, time.Now)
	store := tickets.Store{Write: d.Write, Read: d.Read, After: db.After}
	var err error
	x.seal, err = seal.Open(t.Context(), seal.Options{
		DB: seal.Store{Write: d.Write, Read: d.Read}, RingPath: filepath.Join(t.TempDir(), "ring"), Now: time.Now, NewID: ids.Next,
	})
	must(t, err)
	x.tickets = tickets.New(tickets.Options{Store: store, Sealer: x.seal, IDs: ids, Now: clock})
	x.Service = files.New(files.Options{
		Store: blob.Folder{Dir: x.dir}, Tickets: x.tickets, Sealer: x.seal, Read: d.Read, NewID: ids.Next, Now: clock,
		Log: slog.New(slog.DiscardHandler),
	})
	x.inbox, err = x.tickets.CreateInbox(t.Context(), tickets.NewInbox{Channel: tickets.ChannelChat, Name: "店"})
	must(t, err)
	c, err := x.tickets.CreateContact(t.Context(), tickets.NewContact{Name: "李梅", Locale: "zh-CN"})
	must(t, err)
	x.her = tickets.Actor{Kind: tickets.ActorContact, ID: c.ID}
	return x
}

func each(t *testing.T, fn func(t *testing.T, x *desk)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		fn(t, newDesk(t, d))
	})
}

func (x *desk) takes(t *testing.T, name string, content []byte) *tickets.Attachment {
	t.Helper()
	a, err := x.Take(t.Context(), files.Upload{By: x.her, Name: name, Body: bytes.NewReader(content)})
	must(t, err)
	return a
}

func (x *desk) reads(t *testing.T, a *tickets.Attachment, what string) ([]byte, error) {
	t.Helper()
	r, err := x.Open(t.Context(), a, what)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // read only
	return io.ReadAll(r)
}

// picture is wide, with a red left half.
func picture(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{20, 20, 200, 255}
			if x < w/2 {
				c = color.RGBA{220, 20, 20, 255}
			}
			img.Set(x, y, c)
		}
	}
	return img
}

func encoded(t *testing.T, encode func(w io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, encode(&b))
	return b.Bytes()
}

func jpegOf(t *testing.T, w, h int) []byte {
	return encoded(t, func(out io.Writer) error { return jpeg.Encode(out, picture(w, h), nil) })
}

func pngOf(t *testing.T, w, h int) []byte {
	return encoded(t, func(out io.Writer) error { return png.Encode(out, picture(w, h)) })
}

func TestAPictureIsSealedAndGetsASmallOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, x *desk) {
		content := pngOf(t, 1600, 900)
		a := x.takes(t, "漏水.png", content)
		if a.Type != "image/png" || a.Width != 1600 || a.Height != 900 || a.State != tickets.AttachmentWaiting || a.Name != "漏水.png" {
			t.Errorf("%+v", a)
		}
		got, err := x.tickets.Receive(t.Context(), tickets.Inbound{InboxID: x.inbox.ID, ContactID: x.her.ID, Attachments: []id.ID{a.ID}})
		must(t, err)
		must(t, x.Finish(t.Context(), a.ID))
		list, err := x.tickets.Visible(t.Context(), got.Ticket.ID, 0, 10)
		must(t, err)
		sent := list[0].Attachments[0]
		if sent.State != tickets.AttachmentReady || list[0].ChangedAt == nil {
			t.Errorf("after the small picture: %+v, changed %v", sent, list[0].ChangedAt)
		}
		back, err := x.reads(t, &sent, files.Original)
		must(t, err)
		if !bytes.Equal(back, content) {
			t.Error("other bytes came back")
		}
		small, err := x.reads(t, &sent, files.Small)
		must(t, err)
		c, _, err := image.DecodeConfig(bytes.NewReader(small))
		if err != nil || c.Width != 480 || c.Height != 270 {
			t.Errorf("the small picture: %+v, %v", c, err)
		}
		must(t, filepath.WalkDir(x.dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			if bytes.Contains(raw, []byte("PNG")) || bytes.Contains(raw, []byte("JFIF")) || strings.Contains(path, "漏") {
				t.Errorf("%s can be read", path)
			}
			return err
		}))
	})
}

// exif puts an Exif segment with a turn and a place into a JPEG.
func exif(content []byte, turn byte) []byte {
	body := []byte("Exif\x00\x00II\x2a\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00")
	body = append(body, turn, 0, 0, 0, 0, 0, 0, 0)
	body = append(body, "GPS 31.2304N 121.4737E"...)
	segment := append(binary.BigEndian.AppendUint16([]byte{0xFF, 0xE1}, uint16(len(body)+2)), body...)
	return append(append([]byte{0xFF, 0xD8}, segment...), content[2:]...)
}

func TestAPhotoLosesWhereItWasTakenAndKeepsItsTurn(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	for turn, wide := range map[byte]bool{1: true, 3: true, 6: false, 8: false} {
		a := x.takes(t, "photo.jpg", exif(jpegOf(t, 600, 300), turn))
		back, err := x.reads(t, a, files.Original)
		must(t, err)
		if bytes.Contains(back, []byte("GPS")) {
			t.Errorf("turn %d: the place is still in it", turn)
		}
		if _, err := jpeg.Decode(bytes.NewReader(back)); err != nil {
			t.Errorf("turn %d: %v", turn, err)
		}
		if (a.Width > a.Height) != wide {
			t.Errorf("turn %d: %d × %d", turn, a.Width, a.Height)
		}
		must(t, x.Finish(t.Context(), a.ID))
		again, err := x.tickets.Attachment(t.Context(), a.ID)
		must(t, err)
		small, err := x.reads(t, again, files.Small)
		must(t, err)
		img, err := jpeg.Decode(bytes.NewReader(small))
		must(t, err)
		if b := img.Bounds(); (b.Dx() > b.Dy()) != wide {
			t.Errorf("turn %d: the small picture is %v", turn, b)
		}
		// the red half: left as taken, right when upside down, on top when the phone was held upright (6), below for 8
		at := map[byte][2]float64{1: {.1, .5}, 3: {.9, .5}, 6: {.5, .1}, 8: {.5, .9}}[turn]
		r, _, blue, _ := img.At(int(at[0]*float64(img.Bounds().Dx())), int(at[1]*float64(img.Bounds().Dy()))).RGBA()
		if r < blue {
			t.Errorf("turn %d: the small picture is turned the wrong way", turn)
		}
	}
}

// bomb is a PNG of a few hundred bytes that says it has a hundred thousand by a hundred thousand pixels.
func bomb(t *testing.T) []byte {
	b := pngOf(t, 2, 2)
	binary.BigEndian.PutUint32(b[16:], 100_000)
	binary.BigEndian.PutUint32(b[20:], 100_000)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

func TestWhatComesIsJudgedByItsContent(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	gifJS := append(encoded(t, func(w io.Writer) error { return gif.Encode(w, picture(4, 4), nil) }), "/*<script>alert(1)</script>*/"...)
	for name, c := range map[string]struct {
		file    string
		content []byte
		media   string // empty: refused
		inline  bool
	}{
		"a picture":                     {"a.png", pngOf(t, 3, 3), "image/png", true},
		"a picture with a wrong name":   {"a.html", pngOf(t, 3, 3), "image/png", true},
		"a picture with a script":       {"a.gif", gifJS, "image/gif", true},
		"a page that says it is one":    {"a.png", []byte("<!doctype html><script>alert(1)</script>"), "text/html", false},
		"svg":                           {"a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "image/svg+xml", false},
		"only the beginning of one":     {"a.png", pngOf(t, 3, 3)[:20], "application/octet-stream", false},
		"a document":                    {"a.pdf", []byte("%PDF-1.4\n%âãÏÓ\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>"), "application/pdf", false},
		"a text":                        {"a.txt", []byte("你好"), "text/plain", false},
		"a program":                     {"a.png", append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"), make([]byte, 200)...), "", false},
		"a program of another system":   {"a.jpg", append([]byte("\x7fELF\x02\x01\x01\x00"), make([]byte, 200)...), "", false},
		"a script by its name":          {"rechnung.pdf.js", []byte("x"), "", false},
		"a script with a dot behind":    {"a.exe. .", []byte("x"), "", false},
		"a picture that would blow up":  {"a.png", bomb(t), "", false},
		"nothing":                       {"a.png", nil, "", false},
		"one byte more than is allowed": {"a.bin", make([]byte, 10<<20+1), "", false},
		"as large as is allowed":        {"a.bin", make([]byte, 10<<20), "application/octet-stream", false},
	} {
		a, err := x.Take(t.Context(), files.Upload{By: x.her, Name: c.file, Body: bytes.NewReader(c.content)})
		switch {
		case c.media == "" && err == nil:
			t.Errorf("%s: taken as %s", name, a.Type)
		case c.media == "":
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
				t.Errorf("%s: %v", name, err)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case a.Type != c.media || files.Inline(a.Type) != c.inline:
			t.Errorf("%s: %s, inline %t", name, a.Type, files.Inline(a.Type))
		}
	}
}

func TestNamesAreMadeHarmless(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	for in, want := range map[string]string{
		"../../etc/passwd": "passwd.txt", `C:\Users\li\图.txt`: "图.txt", "a\x00b\n.txt": "ab.txt", "\u202etxt.exe.txt": "txt.exe.txt",
		"CON.txt": "fileCON.txt", "...": "file.txt", "  两个   空格.txt ": "两个 空格.txt", "no ending": "no ending.txt", `<a>"b"|?.txt`: "ab.txt",
		"": "file.txt", strings.Repeat("长", 300) + ".txt": strings.Repeat("长", 116) + ".txt",
	} {
		if a := x.takes(t, in, []byte("words")); a.Name != want {
			t.Errorf("%q became %q, want %q", in, a.Name, want)
		}
		must(t, x.tickets.DropAttachments(context.Background(), x.unsent(t)))
	}
}

func (x *desk) unsent(t *testing.T) (ids []id.ID) {
	t.Helper()
	list, err := x.tickets.StaleAttachments(t.Context(), x.now.Add(time.Hour), 100)
	must(t, err)
	for i := range list {
		ids = append(ids, list[i].ID)
	}
	return ids
}

func TestALinkOpensOneFileForADayAtMost(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	a, b := x.takes(t, "a.txt", []byte("a")), x.takes(t, "b.txt", []byte("b"))
	parts := strings.Split(strings.TrimPrefix(x.Link(a.ID, files.Original), "/files/"), "/")
	opens := func(file id.ID, what, until, mac string) bool {
		n, err := id.Parse(until) // any decimal number
		return err == nil && x.Opens(file, what, int64(n), mac)
	}
	if !opens(a.ID, parts[1], parts[2], parts[3]) {
		t.Fatal("it does not open its own file")
	}
	for name, got := range map[string]bool{
		"another file": opens(b.ID, parts[1], parts[2], parts[3]), "another content": opens(a.ID, files.Small, parts[2], parts[3]),
		"a later end": opens(a.ID, parts[1], parts[2]+"0", parts[3]), "another mac": opens(a.ID, parts[1], parts[2], strings.Repeat("0", 32)),
		"no mac": opens(a.ID, parts[1], parts[2], ""),
	} {
		if got {
			t.Errorf("%s: it opens", name)
		}
	}
	x.now = x.now.Add(11 * time.Hour)
	if !opens(a.ID, parts[1], parts[2], parts[3]) {
		t.Error("it does not open after eleven hours")
	}
	x.now = x.now.Add(14 * time.Hour)
	if opens(a.ID, parts[1], parts[2], parts[3]) {
		t.Error("it opens after a day")
	}
}

func TestTheSweepTakesWhatNobodySentOrWasRecalled(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, x *desk) {
		kept, recalled, unsent := x.takes(t, "a.txt", []byte("a")), x.takes(t, "b.txt", []byte("b")), x.takes(t, "c.png", pngOf(t, 20, 20))
		send := func(a *tickets.Attachment) tickets.Received {
			got, err := x.tickets.Receive(t.Context(), tickets.Inbound{InboxID: x.inbox.ID, ContactID: x.her.ID, Attachments: []id.ID{a.ID}})
			must(t, err)
			return got
		}
		send(kept)
		got := send(recalled)
		_, err := x.tickets.Recall(t.Context(), x.her, got.Ticket.ID, *got.Message.Seq)
		must(t, err)
		if _, err := x.tickets.Attachment(t.Context(), recalled.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a recalled file is still given: %v", err)
		}
		stray := blob.NewName()
		must(t, x.Store.Put(t.Context(), stray, strings.NewReader("its process died")))
		must(t, x.Sweep(t.Context()))
		if _, err := x.reads(t, recalled, files.Original); !fault.Is(err, fault.NotFound) {
			t.Errorf("a recalled file lies in the store: %v", err)
		}
		if a, err := x.tickets.Attachment(t.Context(), unsent.ID); err != nil || a.State != tickets.AttachmentReady {
			t.Errorf("a young file: %+v, %v", a, err)
		}
		x.now = x.now.Add(25 * time.Hour)
		must(t, x.Sweep(t.Context()))
		for name, a := range map[string]*tickets.Attachment{"unsent": unsent} {
			if _, err := x.reads(t, a, files.Original); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := x.Store.Get(t.Context(), stray); err == nil {
			t.Error("a file without a row is still there")
		}
		if b, err := x.reads(t, kept, files.Original); err != nil || string(b) != "a" {
			t.Errorf("the sent one: %q, %v", b, err)
		}
	})
}

func TestWhoIsErasedTakesHerFilesWithHer(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	a := x.takes(t, "a.txt", []byte("a"))
	must(t, x.db.Write(t.Context(), func(tx *gorm.DB) error { return x.seal.DropContactKeys(tx, x.her.ID) }))
	if _, err := x.tickets.Attachment(t.Context(), a.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	if _, err := x.reads(t, a, files.Original); err == nil {
		t.Error("it can still be read")
	}
}

func TestNobodyFillsTheStoreWithoutSending(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	for range tickets.UnsentMax {
		x.takes(t, "a.txt", []byte("a"))
	}
	_, err := x.Take(t.Context(), files.Upload{By: x.her, Name: "a.txt", Body: strings.NewReader("a")})
	if !fault.Is(err, fault.TooMany) {
		t.Errorf("%v, want TooMany", err)
	}
}
