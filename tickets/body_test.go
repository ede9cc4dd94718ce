package tickets

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"huiyin/tickets/fault"
)

func TestABodyIsKeptInOneForm(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"plain text stays":                  {"你好, 退款?", "你好, 退款?"},
		"NFC":                               {"cafe\u0301", "caf\u00e9"},
		"all line ends are one":             {"a\r\nb\rc\nd", "a\nb\nc\nd"},
		"tabs stay":                         {"a\tb", "a\tb"},
		"other controls go":                 {"a\x00b\x07c\x1bd\x7fe", "abcde"},
		"emoji of several code points stay": {"👩‍👩‍👧‍👦🇨🇳", "👩‍👩‍👧‍👦🇨🇳"},
		"white space around stays":          {"  a\n", "  a\n"},
		"a full length body is allowed":     {strings.Repeat("宽", BodyMax), strings.Repeat("宽", BodyMax)},
		"length counts after NFC":           {strings.Repeat("e\u0301", BodyMax), strings.Repeat("é", BodyMax)},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := normalBody(c.in, false)
			if err != nil || got != c.want {
				t.Errorf("got %.40q, %v, want %.40q", got, err, c.want)
			}
		})
	}
}

func TestABodyThatCannotBeIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, key, code string }{
		"nothing":                      {"", "error.message.empty", "required"},
		"white space":                  {" \n\t\u3000", "error.message.empty", "required"},
		"what cannot be seen":          {"\u200b\ufeff\u2800\u3164", "error.message.empty", "required"},
		"controls":                     {"\x00\x01", "error.message.empty", "required"},
		"one too many":                 {strings.Repeat("宽", BodyMax+1), "error.message.too_long", "too_long"},
		"far too many":                 {strings.Repeat("宽", 100*BodyMax), "error.message.too_long", "too_long"},
		"broken UTF-8":                 {"a\xffb", "error.message.encoding", "invalid"},
		"a surrogate":                  {"\xed\xa0\x80", "error.message.encoding", "invalid"},
		"a character cut at its end":   {"你"[:2], "error.message.encoding", "invalid"},
		"longer after normalisation":   {strings.Repeat("\u0958", BodyMax), "error.message.too_long", "too_long"}, // one becomes two
		"only combining marks too far": {strings.Repeat("\u0301", 5*BodyMax), "error.message.too_long", "too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := normalBody(c.in, false)
			e := fault.As(err)
			if e == nil || e.Kind != fault.Invalid || e.Key != c.key || len(e.Fields) != 1 || e.Fields[0].Name != "body" || e.Fields[0].Code != c.code {
				t.Fatalf("got %v", err)
			}
			if c.code == "too_long" && (e.Args["max"] != BodyMax || e.Args["got"].(int) <= BodyMax) {
				t.Errorf("args %v", e.Args)
			}
		})
	}
	if body, err := normalBody(" \u200b", true); err != nil || body != "" {
		t.Errorf("with a file: got %q, %v", body, err)
	}
}

func TestAPreviewIsOneShortLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                       "",
		"退款\n\n三天了 \t还没到账":       "退款 三天了 还没到账",
		strings.Repeat("宽", 300): strings.Repeat("宽", previewMax),
		strings.Repeat(" ", 100) + strings.Repeat("宽", 300): strings.Repeat("宽", previewMax),
		"a": "a",
	} {
		if got := preview(in); got != want {
			t.Errorf("%.20q: got %q", in, got)
		}
	}
}

func FuzzBody(f *testing.F) {
	for _, s := range []string{"", "你好", "a\r\nb", "\xff", "e\u0301", "\x00", strings.Repeat("宽", 20_000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, err := normalBody(in, false)
		if err != nil {
			return
		}
		if !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) || utf8.RuneCountInString(got) > BodyMax || !Visible(got) || strings.ContainsAny(got, "\x00\r\x7f") {
			t.Errorf("%q became %q", in, got)
		}
		if again, err := normalBody(got, false); err != nil || again != got {
			t.Errorf("%q is no stored form: it becomes %q, %v", got, again, err)
		}
		if p := preview(got); utf8.RuneCountInString(p) > previewMax || strings.Contains(p, "\n") {
			t.Errorf("preview %q", p)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add(cursor{list: ListAll, key: 1, id: 2}.String())
	f.Add("AQAA0000000000000000000000") // base64 with bits left over
	f.Add(cursor{list: ListUnassigned, part: partQuiet, id: 2}.String())
	f.Fuzz(func(t *testing.T, text string) {
		for _, l := range listNames {
			c, err := parseCursor(l, text)
			if err == nil && text != "" && c.String() != text {
				t.Errorf("%q is read as %+v", text, c)
			}
		}
	})
}

func TestNamesAreCutIntoWhatPeopleSay(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                "",
		"王":               "王",
		"王芳":              "王芳",
		"王小明":             "王小明 王小 小明",
		"欧阳 娜娜":           "欧阳 娜娜",
		"阿卜杜·热合曼":         "阿卜杜 阿卜 卜杜 热合曼 热合 合曼",
		"Mia Chen":        "mia chen",
		"ＭＩＡ":             "mia",
		"Mia陈小姐":          "mia 陈小姐 陈小 小姐",
		"Jean-Luc O'Neil": "jean luc o neil",
		"用户13800138000":   "用户 13800138000",
		"!!!":             "",
		"नमस्ते":          "नमस्ते",
	} {
		if got := strings.Join(nameTokens(in), " "); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if n := len(nameTokens(strings.Repeat("王小明 ", 100) + strings.Repeat("赵钱孙李周吴郑王", 20))); n > tokensMax {
		t.Errorf("%d tokens", n)
	}
}
