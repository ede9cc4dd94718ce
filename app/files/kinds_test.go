package files_test

import (
	"bytes"
	"strings"
	"testing"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/files"
	"huiyin/tickets/fault"
)

func TestOnlyTheKindsThatTheDeskChoseAreTakenWhateverTheirNames(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	samples := map[string][]byte{
		files.KindPicture: pngOf(t, 3, 3), files.KindPDF: []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj"), files.KindDocument: []byte("你好"),
		files.KindMedia: []byte("RIFF\x24\x00\x00\x00WAVEfmt "), files.KindArchive: []byte("PK\x05\x06" + strings.Repeat("\x00", 18)),
		files.KindOther: []byte("<!doctype html><p>你好</p>"),
	}
	for _, only := range files.Kinds {
		must(t, x.SetLimits(t.Context(), files.Limits{MaxMB: 10, Kinds: []string{only}}))
		for kind, content := range samples {
			_, err := x.Take(t.Context(), files.Upload{By: x.her, Name: "a.png", Body: bytes.NewReader(content)})
			if taken := err == nil; taken != (kind == only) || (err != nil && !fault.Is(err, fault.Invalid)) {
				t.Errorf("only %s: %s gave %v", only, kind, err)
			}
		}
		l, err := x.Limits(t.Context())
		must(t, err)
		if (l.Accept() == "") != (only == files.KindOther) {
			t.Errorf("only %s: the file dialog is told %q", only, l.Accept())
		}
	}
	must(t, x.SetLimits(t.Context(), files.Limits{MaxMB: 10, Kinds: []string{files.KindPicture}}))
	if _, err := x.Take(t.Context(), files.Upload{By: x.her, Name: "a.png", Body: strings.NewReader(`<svg xmlns="http://www.w3.org/2000/svg"></svg>`)}); err == nil {
		t.Error("a drawing that can hold a script was taken for a picture")
	}
}

func TestADeskThatNeverChoseTakesAllKinds(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	must(t, x.tickets.SetSetting(t.Context(), "files", []byte(`{"max_mb":5}`)))
	l, err := x.Limits(t.Context())
	must(t, err)
	if l.MaxMB != 5 || len(l.Kinds) != len(files.Kinds) {
		t.Errorf("%+v", l)
	}
	for name, wrong := range map[string]files.Limits{"no kind": {MaxMB: 5}, "unknown ones": {MaxMB: 5, Kinds: []string{"programs"}}, "no size": {Kinds: files.Kinds}} {
		if err := x.SetLimits(t.Context(), wrong); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
