package words_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"huiyin/app/insights/grouping/words"
)

func TestNormalFormLeavesOutWhatDiffersFromTextToText(t *testing.T) {
	t.Parallel()
	for rule, same := range map[string][2]string{
		"width and case":    {"ＡＰＰ 打不开！", "app 打不开!"},
		"numbers":           {"等了 3 天", "等了 15 天"},
		"sums":              {"refund of 1,299.50 now", "refund of 20 now"},
		"order numbers":     {"订单 20261127001234 没发", "订单 JD88112233445 没发"},
		"addresses of mail": {"mail me at a.b@example.com", "mail me at li-ming@shop.example.cn"},
		"addresses":         {"see https://shop.example/a?b=1 please", "see http://example.org please"},
		"spaces":            {" too\t slow\n\n", "too slow"},
	} {
		if a, b := words.Key(words.Normal(same[0])), words.Key(words.Normal(same[1])); a != b {
			t.Errorf("%s: %q and %q differ", rule, a, b)
		}
	}
	if got := words.Key(words.Normal("😀 !!! …")); got != "" {
		t.Errorf("emoji say %q, want nothing", got)
	}
	if got := words.Normal("a\xff"); !strings.Contains(got, "\ufffd") {
		t.Errorf("broken bytes are %q", got)
	}
}

func TestLanguageIsToldByScript(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]words.Language{
		"快递太慢": words.Chinese, "app打不开": words.Chinese, "late delivery": words.English, "0 0": words.English,
		"my order from 淘宝 has not arrived yet and nobody answers": words.English, "посылка": words.English,
	} {
		if got := words.LanguageOf(text); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}

func TestLongTextsAreCutIntoClausesThatLoseNothing(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct {
		text      string
		from, to  int
		truncated bool
	}{
		"a short text is whole":          {"快递太慢了。客服也不理人。", 1, 1, false},
		"a long Chinese one is cut":      {strings.Repeat("快递一直没有动静，客服也不回消息。", 10), 3, 10, false},
		"a long English one is cut":      {strings.Repeat("the parcel is late. nobody answers the phone. ", 10), 2, 10, false},
		"one without any mark is cut":    {strings.Repeat("慢", 200), 5, 5, false},
		"words without a mark are cut":   {strings.Repeat("late ", 100), 3, 4, false},
		"ten thousand words end in time": {strings.Repeat("late again. ", 5000), 40, 40, true},
	} {
		got := words.Clauses(c.text)
		if len(got) < c.from || len(got) > c.to {
			t.Errorf("%s: %d clauses, want %d to %d", rule, len(got), c.from, c.to)
		}
		if joined := strings.Join(got, ""); joined != c.text && !c.truncated {
			t.Errorf("%s: the clauses say %q", rule, joined)
		}
	}
}

func TestTokensAreStemsThatKeepNegations(t *testing.T) {
	t.Parallel()
	var forms, shown []string
	for _, token := range words.NewReader(nil).Tokens(words.Normal("I haven't received the Shop's deliveries, can't log-in!")) {
		if !token.Stop {
			forms, shown = append(forms, token.Form), append(shown, token.Shown)
		}
	}
	if want := []string{"not", "receiv", "shop", "deliveri", "not", "log"}; !slices.Equal(forms, want) {
		t.Errorf("got %q, want %q", forms, want)
	}
	if !slices.Contains(shown, "deliveries") {
		t.Errorf("shown are %q", shown)
	}
}

// fixed cuts at every second character.
type fixed struct{}

func (fixed) Cut(run string) []string {
	var cut []string
	runes := []rune(run)
	for i := 0; i < len(runes); i += 2 {
		cut = append(cut, string(runes[i:min(len(runes), i+2)]))
	}
	return cut
}

func TestChineseIsCutByTheSegmenterOrIntoPairs(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct {
		reader *words.Reader
		want   []string
	}{
		"segmenter": {words.NewReader(fixed{}), []string{"快递", "太慢", "app", "闪退"}},
		"pairs":     {words.NewReader(nil), []string{"快递", "递太", "太慢", "app", "闪退"}},
	} {
		var got []string
		for _, token := range c.reader.Tokens("快递太慢,app闪退") {
			got = append(got, token.Form)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", rule, got, c.want)
		}
	}
}

func TestPhrasesDoNotGoAcrossPunctuation(t *testing.T) {
	t.Parallel()
	joined := func(text string) bool {
		tokens := words.NewReader(fixed{}).Tokens(words.Normal(text))
		return tokens[1].Joined
	}
	for text, want := range map[string]bool{"快递太慢": true, "快递。太慢": false, "late parcel": true, "late, parcel": false, "late. parcel": false} {
		if joined(text) != want {
			t.Errorf("%q is joined: %v, want %v", text, !want, want)
		}
	}
}

func TestTheDictionaryKnowsWords(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("loads the dictionary: seconds")
	}
	if got := words.NewDictionary().Cut("快递员态度恶劣"); !slices.Contains(got, "快递") {
		t.Errorf("cut into %q", got)
	}
}

// gse keeps its model in variables of the package: loading one dictionary while another was read broke the process.
func TestDictionariesAreLoadedWhileOthersAreRead(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("loads dictionaries: seconds")
	}
	var done sync.WaitGroup
	for range 3 {
		done.Go(func() {
			d := words.NewDictionary()
			for range 20000 {
				d.Cut("龘靐齉快递员")
			}
		})
	}
	done.Wait()
}
