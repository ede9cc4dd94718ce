package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/mailin/quote"
	"huiyin/tickets/fault"
)

// sampleMail is a mailbox that the test fills; the demo's own stands in cmd/huiyin and is tested there.
type sampleMail struct {
	letters []DemoLetter // all of 李雷's
	sent    []DemoDraft
	refuse  error
}

func (m *sampleMail) Shop() DemoAddress { return DemoAddress{"青禾小店", "support@shop.example"} }

func (m *sampleMail) Shoppers() []DemoShopper {
	return []DemoShopper{
		{"u1", DemoAddress{"李雷", "lilei@example.com"}, "zh-CN"}, {"u2", DemoAddress{"Mia Chen", "mia.chen@example.com"}, "en"},
	}
}

func (m *sampleMail) Letters(email string) (out []DemoLine) {
	for _, l := range m.letters {
		if email == "lilei@example.com" {
			out = append(out, l.DemoLine)
		}
	}
	return out
}

func (m *sampleMail) Letter(email string, id int64) (*DemoLetter, error) {
	i := slices.IndexFunc(m.letters, func(l DemoLetter) bool { return l.ID == id })
	if i < 0 || email != "lilei@example.com" {
		return nil, fault.New(fault.NotFound, "web.error.not_found")
	}
	return &m.letters[i], nil
}

func (m *sampleMail) File(email string, id int64, place int) (*DemoFile, error) {
	l, err := m.Letter(email, id)
	if err != nil || place < 0 || place >= len(l.Files) {
		return nil, fault.New(fault.NotFound, "web.error.not_found")
	}
	return &l.Files[place], nil
}

func (m *sampleMail) Send(d DemoDraft) error {
	if m.refuse == nil {
		m.sent = append(m.sent, d)
	}
	return m.refuse
}

func withMail(m *sampleMail) func(*Options) { return func(o *Options) { o.DemoMail = m } }

// letterOf is a mail of the desk to 李雷, and to others.
func letterOf(id int64, text string) DemoLetter {
	desk, li := DemoAddress{"青禾 <小店>", "support@shop.example"}, DemoAddress{"李雷", "LiLei@example.com"}
	return DemoLetter{
		DemoLine: DemoLine{ID: id, At: time.Now(), From: desk, To: []DemoAddress{li, {"", "han@example.com"}}, Subject: "订单 <b>1</b>"},
		CC:       []DemoAddress{{"Mia", "mia.chen@example.com"}, desk}, ReplyTo: []DemoAddress{{"", "support+t1.mac@shop.example"}}, Text: text,
		Files: []DemoFile{{"a.html", 5, []byte("<b>x</b>")}}, MessageID: "m" + strconv.FormatInt(id, 10) + "@shop.example", References: []string{"m0@shop.example"},
	}
}

// draft posts a form of the webmail; files are named f0.txt and so on.
func (b *browser) draft(path string, values url.Values, files ...string) reply {
	b.d.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name := range values {
		must(b.d.t, w.WriteField(name, values.Get(name)))
	}
	for i, content := range files {
		part, err := w.CreateFormFile("file", "f"+strconv.Itoa(i)+".txt")
		must(b.d.t, err)
		_, err = part.Write([]byte(content))
		must(b.d.t, err)
	}
	must(b.d.t, w.Close())
	req, err := http.NewRequest(http.MethodPost, b.d.http.URL+path, &body)
	must(b.d.t, err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Accept", "text/html")
	res, err := b.client.Do(req)
	must(b.d.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(b.d.t, err)
	return reply{res.StatusCode, res.Header, string(text)}
}

func TestWithoutTheDemoThereIsNoWebmail(t *testing.T) {
	t.Parallel()
	b := newDesk(t, withShop).browser()
	for _, path := range []string{"/demo/mail", "/demo/mail/new", "/demo/mail/letters/1", "/demo/mail/letters/1/files/0"} {
		if r := b.get(path); r.status != http.StatusNotFound {
			t.Errorf("%s gets %d", path, r.status)
		}
	}
	if r := b.draft("/demo/mail/letters", url.Values{"subject": {"x"}, "text": {"x"}}); r.status != http.StatusNotFound {
		t.Errorf("sending gets %d", r.status)
	}
}

func TestWhatIsInAMailIsShownAsText(t *testing.T) {
	t.Parallel()
	m := &sampleMail{letters: []DemoLetter{letterOf(7, "<script>alert(1)</script> https://shop.example/t/1 javascript:alert(1)")}}
	b := newDesk(t, withMail(m)).browser()
	for _, path := range []string{"/demo/mail?as=u1&lang=en", "/demo/mail/letters/7?as=u1&lang=en", "/demo/mail/new?as=u1&re=7&all=1&lang=en"} {
		r := b.get(path)
		if r.status != http.StatusOK || strings.Contains(r.body, "<script") || strings.Contains(r.body, "<b>") || strings.Contains(r.body, "href=\"javascript") {
			t.Errorf("%s: %d\n%s", path, r.status, r.body)
		}
		csp := r.header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "script-src 'nonce-") || !strings.Contains(csp, "default-src 'none'") || r.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: policy %q, cookie %q", path, csp, r.header.Get("Set-Cookie"))
		}
	}
	r := b.get("/demo/mail/letters/7?as=u1&lang=en")
	for _, want := range []string{"订单 &lt;b&gt;1&lt;/b&gt;", "&lt;script&gt;alert(1)", `href="https://shop.example/t/1"`, "a.html", "Mia &lt;mia.chen@example.com&gt;"} {
		if !strings.Contains(r.body, want) {
			t.Errorf("no %q in\n%s", want, r.body)
		}
	}
}

func TestAFileOfAMailIsOnlyForDownload(t *testing.T) {
	t.Parallel()
	b := newDesk(t, withMail(&sampleMail{letters: []DemoLetter{letterOf(7, "x")}})).browser()
	r := b.get("/demo/mail/letters/7/files/0?as=u1")
	if r.status != http.StatusOK || r.body != "<b>x</b>" || r.header.Get("Content-Type") != "application/octet-stream" ||
		!strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment") || r.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %v", r.status, r.header)
	}
	for _, path := range []string{"/demo/mail/letters/7/files/1?as=u1", "/demo/mail/letters/7/files/x?as=u1", "/demo/mail/letters/7?as=u2", "/demo/mail/letters/8?as=u1", "/demo/mail/new?re=x&as=u1"} {
		if r := b.get(path); r.status != http.StatusNotFound {
			t.Errorf("%s gets %d", path, r.status)
		}
	}
}

func TestEachLanguageBeginsWithAShopperWhoSpeaksIt(t *testing.T) {
	t.Parallel()
	b := newDesk(t, withMail(&sampleMail{})).browser()
	for lang, want := range map[string]string{"zh-CN": "李雷的邮箱", "en": "Mia Chen&#39;s mail"} {
		if r := b.get("/demo/mail?lang=" + lang); !strings.Contains(r.body, want) {
			t.Errorf("%s: no %q in\n%s", lang, want, r.body)
		}
	}
}

func TestANewMailGoesToTheShop(t *testing.T) {
	t.Parallel()
	m := &sampleMail{}
	b := newDesk(t, withMail(m)).browser()
	r := b.draft("/demo/mail/letters?as=u2&lang=en", url.Values{"subject": {" A cup "}, "text": {"It leaks."}, "to": {"a@example.org"}}, "one", "two")
	if r.status != http.StatusSeeOther || r.header.Get("Location") != "/demo/mail?as=u2&box=sent&done=1&lang=en" {
		t.Fatalf("%d to %q", r.status, r.header.Get("Location"))
	}
	d := m.sent[0]
	if d.From.Email != "mia.chen@example.com" || len(d.To) != 1 || d.To[0] != m.Shop() || d.CC != nil || d.Subject != "A cup" || d.Text != "It leaks." || d.InReplyTo != "" {
		t.Errorf("%+v", d)
	}
	if len(d.Files) != 2 || d.Files[1].Name != "f1.txt" || string(d.Files[1].Content) != "two" {
		t.Errorf("the files are %+v", d.Files)
	}
}

func TestAnAnswerKeepsItsThread(t *testing.T) {
	t.Parallel()
	m := &sampleMail{letters: []DemoLetter{letterOf(7, "请把照片发来。\n谢谢")}}
	b := newDesk(t, withMail(m)).browser()
	for _, lang := range []string{"zh-CN", "en"} {
		page := b.get("/demo/mail/new?as=u1&re=7&lang=" + lang)
		_, text, _ := strings.Cut(page.body, "<textarea")
		_, text, _ = strings.Cut(text, ">")
		text, _, _ = strings.Cut(text, "</textarea>")
		text = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`).Replace(text)
		if !strings.Contains(text, "> 请把照片发来。\n> 谢谢") || quote.Text("好的"+text).Reply != "好的" {
			t.Errorf("%s: what is quoted is not told from what is new: %q", lang, text)
		}
	}
	for _, all := range []string{"", "1"} {
		if r := b.draft("/demo/mail/letters?as=u1&re=7&all="+all, url.Values{"subject": {"Re: 订单"}, "text": {"好的"}}); r.status != http.StatusSeeOther {
			t.Fatalf("%d\n%s", r.status, r.body)
		}
	}
	one, all := m.sent[0], m.sent[1]
	if heads(one.To...) != "support+t1.mac@shop.example" || one.CC != nil || one.InReplyTo != "m7@shop.example" || strings.Join(one.References, " ") != "m0@shop.example m7@shop.example" {
		t.Errorf("%+v", one)
	}
	if heads(all.To...) != "support+t1.mac@shop.example" || heads(all.CC...) != "han@example.com, Mia <mia.chen@example.com>" {
		t.Errorf("to %s, cc %s", heads(all.To...), heads(all.CC...))
	}
}

func TestAnAnswerSaysSoOnce(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]string{"杯子": "Re: 杯子", "RE: cup": "RE: cup", "回复：杯子": "回复：杯子", " re：a": "re：a", "": "Re: ", "Regards": "Re: Regards"} {
		if got := answerSubject(subject); got != want {
			t.Errorf("%q becomes %q, want %q", subject, got, want)
		}
	}
}

func TestADraftThatIsRefusedKeepsItsWords(t *testing.T) {
	t.Parallel()
	m := &sampleMail{}
	b := newDesk(t, withMail(m)).browser()
	for name, one := range map[string]struct {
		values url.Values
		files  []string
		refuse error
		want   string
	}{
		"no subject":       {url.Values{"subject": {" "}, "text": {"kept words"}}, nil, nil, "Please write a subject."},
		"long subject":     {url.Values{"subject": {strings.Repeat("字", 201)}, "text": {"kept words"}}, nil, nil, "At most 200 characters."},
		"no text":          {url.Values{"subject": {"kept words"}, "text": {"\n "}}, nil, nil, "Please write something."},
		"four files":       {url.Values{"subject": {"x"}, "text": {"kept words"}}, []string{"1", "2", "3", "4"}, nil, "At most 3 files."},
		"an address away":  {url.Values{"subject": {"x"}, "text": {"kept words"}}, nil, fault.InvalidField("to", "unknown", "public.mail.to_unknown", nil), "sends no mail outside"},
		"too large a mail": {url.Values{"subject": {"x"}, "text": {"kept words"}}, nil, fault.InvalidField("file", "large", "public.mail.too_large", nil), "too large with these files"},
	} {
		m.refuse = one.refuse
		r := b.draft("/demo/mail/letters?as=u2&lang=en", one.values, one.files...)
		if r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, one.want) || !strings.Contains(r.body, "kept words") {
			t.Errorf("%s: %d, want %q\n%s", name, r.status, one.want, r.body)
		}
	}
	m.refuse = nil
	if r := b.draft("/demo/mail/letters?as=u2&lang=en", url.Values{"subject": {"x"}, "text": {"x"}}, strings.Repeat("x", demoFilesBytes+300<<10)); r.status < 400 || r.status >= 500 {
		t.Errorf("21 MB get %d", r.status)
	}
	if len(m.sent) != 0 {
		t.Errorf("%d were sent", len(m.sent))
	}
}

func TestAnotherSiteSendsNoMail(t *testing.T) {
	t.Parallel()
	m := &sampleMail{}
	d := newDesk(t, withMail(m))
	req, err := http.NewRequest(http.MethodPost, d.http.URL+"/demo/mail/letters", strings.NewReader("subject=x&text=x"))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusForbidden || len(m.sent) != 0 {
		t.Errorf("got %d, %d sent", res.StatusCode, len(m.sent))
	}
}
