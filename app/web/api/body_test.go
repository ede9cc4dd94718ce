package api

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

type readIn struct {
	Name   string             `json:"name"`
	Count  int                `json:"count"`
	Who    *contactIn         `json:"who"`
	Items  []attemptIn        `json:"items"`
	Change optional[[]string] `json:"change"`
	IDs    []id.ID            `json:"ids"`
}

func wrongIn(body string) string {
	var in readIn
	err := unmarshal([]byte(body), &in)
	if err == nil {
		return ""
	}
	var out []string
	for _, f := range fault.As(allWrong([]byte(body), err, &in)).Fields {
		out = append(out, f.Name+" "+f.Code)
	}
	return strings.Join(out, ", ")
}

func TestAllUnknownAndMistypedFieldsAreNamedAtOnce(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"name":"a","count":1}`:                                       "",
		`{"name":1,"count":"x","colour":true}`:                         "name invalid, colour unknown, count invalid",
		`{"who":{"id":7,"mail":"x","name":[]},"count":1.5}`:            "who.id invalid, count invalid, who.mail unknown, who.name invalid",
		`{"items":[{"id":"a"},{"id":1},7,{"step":2,"a/b":1,"c~d":1}]}`: "items[1].id invalid, items[2] invalid, items[3].step invalid, items[3].a/b unknown, items[3].c~d unknown",
		`{"change":[1],"who":"x"}`:                                     "change[0] invalid, who invalid",
		`{"ids":["12",12,"x"],"count":"1"}`:                            "ids[1] invalid, count invalid, ids[2] invalid",
		`{"name":1,"name":"b"}`:                                        "name duplicate",
		`{"name":1,"count":"x"} {}`:                                    "body syntax",
		`{"name":1,"count":"x",}`:                                      "body syntax",
		`[]`:                                                           "body invalid",
		`7`:                                                            "body invalid",
	} {
		if got := wrongIn(body); got != want {
			t.Errorf("%s\n got %q\nwant %q", body, got, want)
		}
	}
}

func TestALargeBodyFullOfMistakesIsAnsweredSoon(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 4 << 20 / 20 {
		fmt.Fprintf(&b, `,{"x%d":%d}`, i, i)
	}
	begun := time.Now()
	if got := wrongIn(`{"items":[` + b.String()[1:] + `]}`); !strings.HasPrefix(got, "items[0].x0 unknown") {
		t.Errorf("got %.100q", got)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	var many []string
	for i := range 200 {
		many = append(many, fmt.Sprintf(`"x%d":1`, i))
	}
	if n := strings.Count(wrongIn("{"+strings.Join(many, ",")+"}"), "unknown"); n != wrongMost {
		t.Errorf("%d fields are named, want %d", n, wrongMost)
	}
}
