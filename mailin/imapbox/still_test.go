package imapbox_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"huiyin/mailin/imapbox"
)

func TestAMailThatStandsStillIsGivenUpAndOneThatMovesIsNot(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		still bool
		want  imapbox.Reason
	}{"still": {true, imapbox.ReasonTimeout}, "slow": {false, ""}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t, 1)
			done := func(w io.Writer, tag string) bool { fmt.Fprintf(w, "%s OK done\r\n", tag); return true }
			s.on["UID FETCH"] = func(w io.Writer, tag, rest string, _ *bufio.Reader) bool {
				if !strings.Contains(rest, "BODY") {
					s.tell(w, 0, rest, false)
					return done(w, tag)
				}
				text := letter(0)
				fmt.Fprintf(w, "* 1 FETCH (UID 101 BODY[] {%d}\r\n", len(text))
				for i := range 8 { // for longer than one answer may take
					if _, err := w.Write(text[i*len(text)/8 : (i+1)*len(text)/8]); err != nil {
						return false
					}
					if one.still {
						time.Sleep(20 * time.Second)
					}
					time.Sleep(250 * time.Millisecond)
				}
				fmt.Fprint(w, ")\r\n")
				return done(w, tag)
			}
			c := s.config()
			c.FetchTime = time.Minute
			box, err := imapbox.Open(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			defer box.Close()
			begun, got := time.Now(), 0
			_, err = box.New(t.Context(), 0, 10, 1<<20, func(imapbox.Mail) error { got++; return nil })
			var e *imapbox.Error
			switch {
			case one.want == "" && (err != nil || got != 1):
				t.Errorf("a slow mail: %d, %v", got, err)
			case one.want != "" && (!errors.As(err, &e) || e.Reason != one.want || got != 0 || time.Since(begun) > 5*time.Second):
				t.Errorf("got %d mails and %v after %s", got, err, time.Since(begun))
			}
		})
	}
}
