package i18n

import (
	"testing"
	"testing/fstest"
	"time"
)

func TestTextFillsPlacesAndChoosesThePlural(t *testing.T) {
	t.Parallel()
	b := bundleOf(t, map[string]string{
		"en/a.json":    `{"a.plain": "Mine", "a.hello": "Hello {{.name}}", "a.found": {"one": "{{.count}} ticket", "other": "{{.count}} tickets"}}`,
		"zh-CN/a.json": `{"a.plain": "我的", "a.hello": "你好，{{.name}}", "a.found": "{{.count}} 个工单"}`,
	})
	tests := []struct {
		name, locale, key string
		args              map[string]any
		want              string
	}{
		{"plain", English, "a.plain", nil, "Mine"},
		{"a named place", English, "a.hello", map[string]any{"name": "Li"}, "Hello Li"},
		{"one", English, "a.found", map[string]any{"count": 1}, "1 ticket"},
		{"many", English, "a.found", map[string]any{"count": 2}, "2 tickets"},
		{"none", English, "a.found", map[string]any{"count": 0}, "0 tickets"},
		{"Chinese has one form", Chinese, "a.found", map[string]any{"count": 1}, "1 个工单"},
		{"markup in a value is no template", English, "a.hello", map[string]any{"name": "{{.x}}<b>"}, "Hello {{.x}}<b>"},
		{"another locale is matched", "en-GB", "a.plain", nil, "Mine"},
		{"an unknown key comes back", Chinese, "a.absent", nil, "a.absent"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := b.Text(test.locale, test.key, test.args); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestMatchPrefersTheChoiceThenTheBrowser(t *testing.T) {
	t.Parallel()
	b := bundleOf(t, nil)
	tests := []struct{ name, accept, chosen, want string }{
		{"nothing known", "", "", Chinese},
		{"the browser's language", "en-US,en;q=0.9", "", English},
		{"Chinese of any place", "zh-TW,en;q=0.5", "", Chinese},
		{"the order of wishes counts", "fr, en;q=0.8, zh;q=0.7", "", English},
		{"the person's choice wins", "en-US", "zh-CN", Chinese},
		{"a broken choice is passed over", "en", "!!", English},
		{"a language that the desk lacks", "sw", "", English},
		{"broken header", ";;;q=", "", Chinese},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := b.Match(test.accept, test.chosen); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestSelectTakesKeysAndPrefixes(t *testing.T) {
	t.Parallel()
	b := bundleOf(t, map[string]string{"en/a.json": `{"a.one": "1", "a.sub.two": "2", "a.sub.three": {"one": "x", "other": "y"}}`})
	got := b.Select(English, "a.one", "a.sub.", "a.absent")
	if len(got) != 3 || got["a.one"] != "1" {
		t.Errorf("got %v", got)
	}
}

func TestLoadRefusesABrokenFile(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"no JSON": "{", "a number": `{"a.b": 1}`} {
		if _, err := load(fstest.MapFS{"l/en/a.json": {Data: []byte(content)}}, "l"); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
	double := fstest.MapFS{"l/en/a.json": {Data: []byte(`{"a": "x"}`)}, "l/en/b.json": {Data: []byte(`{"a": "y"}`)}}
	if _, err := load(double, "l"); err == nil {
		t.Error("a key in two files: loaded")
	}
}

func TestTimesAreWrittenAsTheLocaleWritesThem(t *testing.T) {
	t.Parallel()
	b, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 2, 41, 0, 0, shanghai)
	yesterday := now.Add(-3 * time.Hour)
	tests := []struct{ name, got, want string }{
		{"date zh", Date(Chinese, now), "2026年11月23日"},
		{"date en", Date(English, now), "23 Nov 2026"},
		{"moment today", Moment(English, now.Add(-time.Hour), now), "01:41"},
		{"moment within the year zh", Moment(Chinese, yesterday, now), "11月22日 23:41"},
		{"moment within the year en", Moment(English, yesterday, now), "22 Nov, 23:41"},
		{"moment of another year", Moment(English, now.AddDate(-1, 0, 0), now), "23 Nov 2025, 02:41"},
		{"day today", b.Day(Chinese, now, now), "今天"},
		{"day yesterday is the calendar's", b.Day(English, yesterday, now), "Yesterday"},
		{"day within the year", b.Day(Chinese, now.AddDate(0, -1, 0), now), "10月23日"},
		{"ago: seconds", b.Ago(Chinese, 59*time.Second), "刚刚"},
		{"ago: the future is now", b.Ago(Chinese, -time.Hour), "刚刚"},
		{"ago: minutes", b.Ago(Chinese, 119*time.Second), "1 分钟"},
		{"ago: hours", b.Ago(English, 119*time.Minute), "1 h"},
		{"ago: one day", b.Ago(English, 47*time.Hour), "1 day"},
		{"ago: days", b.Ago(English, 49*time.Hour), "2 days"},
		{"number", Number(Chinese, 12345), "12,345"},
		{"small number", Number(English, -7), "-7"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, test.got, test.want)
		}
	}
}

func bundleOf(t *testing.T, contents map[string]string) *Bundle {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, content := range contents {
		fsys["l/"+name] = &fstest.MapFile{Data: []byte(content)}
	}
	b, err := load(fsys, "l")
	if err != nil {
		t.Fatal(err)
	}
	return b
}
