package files_test

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/files"
)

func TestASlowUploadKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		x := newDesk(t, d)
		for range 40 {
			r, w := io.Pipe()
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				if _, err := x.Take(context.WithoutCancel(t.Context()), files.Upload{By: x.her, Name: "a.txt", Body: r}); err == nil {
					t.Error("half a file was taken for a whole one")
				}
			}()
			t.Cleanup(func() {
				_ = w.CloseWithError(io.ErrUnexpectedEOF)
				<-ended
			})
			_, err := w.Write([]byte("slow"))
			must(t, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := x.Take(ctx, files.Upload{By: x.her, Name: "b.txt", Body: bytes.NewReader([]byte("quick"))})
		must(t, err)
	})
}
