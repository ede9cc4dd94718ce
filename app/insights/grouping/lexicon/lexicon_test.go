package lexicon_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"huiyin/app/insights/grouping/lexicon"
	"huiyin/app/insights/grouping/words"
)

func find(t *testing.T, l *lexicon.Lexicon, text string) []string {
	t.Helper()
	normal := words.Normal(text)
	var names []string
	for _, c := range l.Find(normal, words.NewReader(nil).Tokens(normal)) {
		names = append(names, l.Concepts[c].Name)
	}
	return names
}

func TestPhrasesAreFoundAsTheLexiconSays(t *testing.T) {
	t.Parallel()
	l, err := lexicon.Parse("# a comment\n== money | 钱 | Money\n" +
		"refund | 退款 | refund*, money back\nrefund/waiting | 退款…没到 | refund … not\ncharge/twice | 扣…两 | charged … twice\ndear | 贵 app | =expensive\n")
	if err != nil {
		t.Fatal(err)
	}
	for rule, c := range map[string]struct {
		text string
		want string
	}{
		"anywhere in Chinese":         {"我的退款呢", "refund"},
		"a particular one and above":  {"退款还没到账", "refund refund/waiting"},
		"a gap has an end":            {"退款的事情我已经问过你们了没到", "refund"},
		"a gap ends with a sentence":  {"退款!没到", "refund"},
		"inflected words":             {"they charge me twice", "charge charge/twice"},
		"a gap of words":              {"charging my card twice", "charge charge/twice"},
		"a gap of words has an end":   {"charged for one thing that we ordered twice", ""},
		"open ends":                   {"refunding", "refund"},
		"n't is not":                  {"the refund hasn't come", "refund refund/waiting"},
		"two words":                   {"I want my money back", "refund"},
		"words in another order":      {"back to the money", ""},
		"in this form only":           {"expenses", ""},
		"in this form":                {"too expensive", "dear"},
		"loan words are whole words":  {"APP", "dear"},
		"and no parts of other words": {"apple", ""},
		"full width":                  {"ＡＰＰ贵", "dear"},
	} {
		if got := strings.Join(find(t, l, c.text), " "); got != c.want {
			t.Errorf("%s: %q holds %q, want %q", rule, c.text, got, c.want)
		}
	}
}

func TestABrokenLexiconSaysWhichLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a | b":                                "line 1",
		"a | b | c":                            "begin with an aspect",
		"== x | y | z\na | b | c\na | d | e\n": "line 3",
		"== x | y | z\n | b | c\n":             "line 2",
	} {
		if _, err := lexicon.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// Every concept has words in both languages, else it is no bridge; and there are as many as the design asks for.
func TestTheLexiconOfHuiyinIsABridge(t *testing.T) {
	t.Parallel()
	l, err := lexicon.Shops()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(l.Concepts); n < 150 || n > 250 {
		t.Errorf("%d concepts, want 150 to 250", n)
	}
	for _, pair := range [][2]string{
		{"退款一直没到账", "still waiting for my refund"}, {"客服不理人", "customer service never replied"}, {"尺码偏小", "runs small, size is wrong"},
		{"下单第二天就降价", "price dropped the day after"}, {"收不到验证码", "I never get the verification code"}, {"快递太慢了", "shipping is so slow"},
		{"发票抬头开错了", "wrong company name on the invoice"}, {"电池不耐用", "battery drains in an hour"}, {"少发了一件", "one item is missing"},
	} {
		zh, en := find(t, l, pair[0]), find(t, l, pair[1])
		if !slices.ContainsFunc(zh, func(c string) bool { return slices.Contains(en, c) }) {
			t.Errorf("%q holds %q, %q holds %q", pair[0], zh, pair[1], en)
		}
	}
}

// What groups are named by is written for people: whole words, in both languages, for each line of the lexicon.
func TestEveryConceptIsCalledSomething(t *testing.T) {
	t.Parallel()
	names, err := os.ReadFile("names.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(lexicon.ShopsText()) {
		concept, _, _ := strings.Cut(line, " | ")
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "==") || strings.TrimSpace(line) == "" {
			continue
		}
		if !strings.Contains(string(names), "\n"+concept+" | ") && !strings.Contains(string(names), "\n~ "+concept+" | ") && !strings.Contains(string(names), "\n- "+concept+" | ") {
			t.Errorf("%s has no name", concept)
		}
	}
	own, err := lexicon.With("== goods | x | y\nglaze | 釉…掉 掉釉 | glaz*, coating\n== care | 保养 | Care\nwash | 洗碗机 | dishwasher")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range own.Concepts {
		aspect := own.Aspects[c.Aspect]
		switch c.Name {
		case "glaze":
			if c.Chinese != "掉釉" || c.English != "glaz" || c.Topic || aspect.Chinese != "收到的货" {
				t.Errorf("%+v of %+v", c, aspect)
			}
		case "wash":
			if aspect.Key != "care" {
				t.Errorf("%+v of %+v", c, aspect)
			}
		}
	}
}

func TestInATalkOnlyWhatNamesATroubleIsAComplaint(t *testing.T) {
	t.Parallel()
	l, err := lexicon.Shops()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"手机尾号0091": false, "我的订单号是20260908": false, "单号SF1234567": false, "验证码是8842": false, "截图发你了": false, "放门口就行": false, "要两份餐具": false, "我登录了": false,
		"my tracking number is 123": false, "here is the screenshot": false, "the verification code is 8842": false, "好的，没问题": false, "可以，没问题": false,
		"物流一直不更新": true, "收不到验证码": true, "登录不上": true, "下不了单": true, "等了三天了还没发": true, "i cannot log in": true, "原来我有两个账号": false, "可以开发票吗": false, "没想到这个点还有人": false, "你们家保价吗": false, "多久能到": false, "what would you give a colleague": false, "my order number is 20260908": false, "can you send it by friday": false,
		"还没收到货": true, "退款呢，没到账": true, "杯盖漏水": true, "你们怎么还没发货": true, "nothing works": true, "the lid leaks": true, "where is my order": true,
	} {
		normal := words.Normal(text)
		if got := l.ComplainsInTalk(normal, words.NewReader(nil).Tokens(normal)); got != want {
			t.Errorf("%q is a complaint: %v, want %v", text, got, want)
		}
	}
}

func TestTheGateKeepsComplaints(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"质量很好，推荐": false, "很满意，物流快": false, "质量太差了": true, "不好用": true, "快递三天没动静": true, "": true,
		"love it, works great": false, "excellent quality": false, "does not work at all": true, "not good": true, "worst purchase ever": true,
		"where is my parcel": true,
	} {
		if got := lexicon.IsComplaint(words.Normal(text)); got != want {
			t.Errorf("%q is a complaint: %v, want %v", text, got, want)
		}
	}
}
