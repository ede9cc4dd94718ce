package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"huiyin/app/insights/grouping/invent"
)

// objects writes made-up complaints as the command reads them, with ids that an encoder would write otherwise.
func objects(n int) (lines string, ids []string) {
	var b strings.Builder
	for i, c := range invent.Complaints(n, 1) {
		id := fmt.Sprintf(`"\u00e9<%d>\/ \"x\" 订"`, i)
		text, _ := json.Marshal(c.Text) //nolint:errchkjson // a string
		fmt.Fprintf(&b, `{"at": "2026-11-03T18:00:05+08:00", "text": %s, "id": %s}`+"\n", text, id)
		ids = append(ids, id)
	}
	return b.String(), ids
}

func TestInsightsGroupAnswersEachTextInOrderAndThenEachGroup(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	lines, ids := objects(600)
	r := huiyin(lines, "insights", "group", "-", "--memory", "100")
	r.want(t, exitDone)
	answers := strings.Split(strings.TrimSpace(r.out), "\n")
	sizes := map[int]int{}
	for i, id := range ids {
		var got struct {
			Group *int
			Score *float64
		}
		if err := json.Unmarshal([]byte(answers[i]), &got); err != nil || got.Score == nil {
			t.Fatalf("line %d: %v: %s", i+1, err, answers[i])
		}
		if !strings.HasPrefix(answers[i], `{"id":`+id+`,"group":`) {
			t.Fatalf("line %d does not begin with its id %s: %s", i+1, id, answers[i])
		}
		if got.Group != nil {
			sizes[*got.Group]++
		}
	}
	if len(answers) != len(ids)+len(sizes) || len(sizes) < 5 {
		t.Fatalf("%d lines for %d texts in %d groups", len(answers), len(ids), len(sizes))
	}
	for _, line := range answers[len(ids):] {
		var got struct {
			Group, Size int
			Name        string
			Terms       []string
			Samples     []json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil || got.Name == "" || got.Terms == nil || len(got.Samples) == 0 || got.Size != sizes[got.Group] {
			t.Errorf("%v: %s, of size %d", err, line, sizes[got.Group])
		}
	}
	if again := huiyin(lines, "insights", "group", "-", "--memory", "100"); again.out != r.out {
		t.Error("the same texts gave other groups")
	}
	if fine := huiyin(lines, "insights", "group", "-", "--memory", "100", "--level", "fine"); strings.Count(fine.out, "\n") <= len(answers) {
		t.Error("there are no more fine groups than groups")
	}
	if !strings.Contains(r.errors, "pairs of characters") {
		t.Errorf("little memory is not mentioned: %q", r.errors)
	}
}

func TestInsightsGroupReadsTables(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	file := filepath.Join(t.TempDir(), "texts.CSV")
	content := "\ufeffAt,Text,ID\n" + strings.Repeat("2026-11-03T18:00:05+08:00,\"parcel is late, \"\"again\"\"\",\" a<\"\"1 \"\n,refund has not come,b\n", 10)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	r := huiyin("", "insights", "group", file)
	r.want(t, exitDone)
	if lines := strings.Split(r.out, "\n"); !strings.HasPrefix(lines[0], `{"id":" a<\"1 ","group":`) || !strings.HasPrefix(lines[19], `{"id":"b","group":`) {
		t.Errorf("%s", r.out)
	}
	if got := huiyin(content, "insights", "group", "-", "--format", "csv").out; got != r.out {
		t.Errorf("from standard input: %s", got)
	}
}

func TestInsightsGroupNamesTheLineThatItCannotRead(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	good := `{"id": "1", "text": "late"}` + "\n"
	for rule, c := range map[string]struct {
		in   string
		args []string
		want []string
	}{
		"a broken line":           {good + `{"id": "2", "text": "la`, nil, []string{"line 2", `{"id": "…", "text": "…"}`}},
		"no object":               {good + "\n[1]\n", nil, []string{"line 3", "object"}},
		"no id":                   {good + `{"text": "late"}`, nil, []string{"line 2", "id"}},
		"an id that is none":      {`{"id": {}, "text": "late"}`, nil, []string{"line 1", "id"}},
		"no text":                 {`{"id": "1"}`, nil, []string{"line 1", "no text"}},
		"a text that is a number": {`{"id": "1", "text": 5}`, nil, []string{"line 1"}},
		"GBK":                     {good + "{\"id\": \"2\", \"text\": \"\xcc\xab\xc2\xfd\"}", nil, []string{"line 2", "UTF-8"}},
		"a time of another form":  {`{"id": "1", "text": "late", "at": "yesterday"}`, nil, []string{"line 1", "yesterday"}},
		"a table in GBK":          {"id,text\n1,late\n2,\xcc\xab\xc2\xfd\n", []string{"--format", "csv"}, []string{"line 3", "UTF-8"}},
		"a table without names":   {"1,late\n", []string{"--format", "csv"}, []string{"line 1", "id,text"}},
		"an empty table":          {"", []string{"--format", "csv"}, []string{"line 1", "id,text"}},
		"a row too short":         {"id,text\n1,late\n2\n", []string{"--format", "csv"}, []string{"line 3", "columns"}},
		"a stray quote":           {"id,text\n1,la\"te\n", []string{"--format", "csv"}, []string{"line 2", "quotation mark"}},
	} {
		r := huiyin(c.in, append([]string{"insights", "group", "-"}, c.args...)...)
		if r.want(t, exitFailed, c.want...); r.out != "" {
			t.Errorf("%s: printed %q", rule, r.out)
		}
	}
	huiyin("", "insights", "group", "/no/such/file").want(t, exitFailed, "no such file")
	huiyin("", "insights", "group").want(t, exitUsage, "FILE")
	huiyin("", "insights", "group", "-", "--format", "xls").want(t, exitUsage, "jsonl or csv")
	huiyin("", "insights", "group", "-", "--level", "themes").want(t, exitUsage, "fine or group")
	huiyin("", "insights").want(t, exitUsage, "needs one of: group")
}

func TestInsightsGroupTakesAnyTexts(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	var b strings.Builder
	for _, text := range []string{"", "慢", "late", "😡😡", "app 打不开 now", strings.Repeat("late again. ", 10000), "\u0000\ufffd", "loved it"} {
		quoted, _ := json.Marshal(text) //nolint:errchkjson // a string
		fmt.Fprintf(&b, "{\"id\": 17, \"text\": %s}\n", quoted)
	}
	for range 3000 {
		b.WriteString(`{"id": "spam", "text": "加微信 12345 领红包!!!"}` + "\n")
	}
	for _, args := range [][]string{{}, {"--gate"}, {"--level", "fine"}} {
		r := huiyin(b.String(), append([]string{"insights", "group", "-", "--memory", "100"}, args...)...)
		if r.want(t, exitDone); !strings.HasPrefix(r.out, `{"id":17,"group":null,"score":0}`) {
			t.Errorf("%v: an empty text: %s", args, r.out[:80])
		}
	}
	if r := huiyin("", "insights", "group", "-"); r.code != exitDone || r.out != "" || !strings.Contains(r.errors, "no texts") {
		t.Errorf("an empty file: %+v", r)
	}
}
