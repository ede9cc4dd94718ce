package web

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"huiyin/tickets"
)

// uploads sends a file as a browser does.
func uploads(t *testing.T, client *http.Client, to, bearer, name string, content []byte) (status int, answer map[string]any) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	must(t, err)
	_, err = part.Write(content)
	must(t, err)
	must(t, form.Close())
	req, err := http.NewRequest(http.MethodPost, to, &b)
	must(t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Accept", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := client.Do(req)
	must(t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	must(t, err)
	_ = json.Unmarshal(raw, &answer) // what is no JSON shows in the status
	return res.StatusCode, answer
}

// shopper begins a chat session and gives its token.
func (d *desk) shopper() string {
	d.t.Helper()
	body, err := json.Marshal(map[string]any{"inbox": d.inbox.Key, "locale": "zh-CN"})
	must(d.t, err)
	res, err := http.Post(d.http.URL+"/chat/v1/sessions", "application/json", bytes.NewReader(body))
	must(d.t, err)
	defer res.Body.Close()
	var answer struct{ Session string }
	must(d.t, json.NewDecoder(res.Body).Decode(&answer))
	return answer.Session
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`

func TestAFileIsGivenToItsLinkOnlyAndNeverRuns(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	token := d.shopper()
	status, file := uploads(t, http.DefaultClient, d.http.URL+"/chat/v1/uploads", token, "图.svg", []byte(svg))
	if status != http.StatusCreated {
		t.Fatalf("%d %v", status, file)
	}
	link := d.http.URL + file["url"].(string)
	res, err := http.Get(link)
	must(t, err)
	body, err := io.ReadAll(res.Body)
	must(t, err)
	must(t, res.Body.Close())
	h := res.Header
	if res.StatusCode != http.StatusOK || string(body) != svg {
		t.Errorf("%d %q", res.StatusCode, body)
	}
	if h.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") ||
		h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || len(h.Values("Set-Cookie")) > 0 {
		t.Errorf("it might run: %v", h)
	}
	for name, path := range map[string]string{
		"a forged end": link[:len(link)-4] + "0000", "no mac": strings.Join(strings.Split(link, "/")[:6], "/") + "/x", "the thumb of none": strings.Replace(link, "/file/", "/thumb/", 1),
		"another id": strings.Replace(link, "/files/", "/files/9", 1),
	} {
		res, err := http.Get(path)
		must(t, err)
		must(t, res.Body.Close())
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", name, res.StatusCode)
		}
	}
}

func TestUploadsAreRefusedInWords(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	token := d.shopper()
	to := d.http.URL + "/chat/v1/uploads"
	for name, c := range map[string]struct {
		token   string
		file    string
		content []byte
		status  int
		word    string
	}{
		"nobody":      {"", "a.txt", []byte("a"), http.StatusUnauthorized, ""},
		"a stranger":  {"forged", "a.txt", []byte("a"), http.StatusUnauthorized, ""},
		"too large":   {token, "a.bin", make([]byte, 10<<20+1), http.StatusRequestEntityTooLarge, "10 MB"},
		"a program":   {token, "a.exe", []byte("MZ"), http.StatusUnprocessableEntity, "程序"},
		"no file":     {token, "", nil, http.StatusUnprocessableEntity, ""},
		"empty":       {token, "a.txt", nil, http.StatusUnprocessableEntity, "空"},
		"what is one": {token, "../../a.txt", []byte("a"), http.StatusCreated, ""},
	} {
		status, answer := uploads(t, http.DefaultClient, to, c.token, c.file, c.content)
		said, _ := answer["message"].(string)
		if status != c.status || !strings.Contains(said, c.word) {
			t.Errorf("%s: %d %v, want %d with %q", name, status, answer, c.status, c.word)
		}
	}
}

func TestAnAgentSendsAFileToATicketAndNobodyElseDoes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	token := d.shopper()
	status, hers := uploads(t, http.DefaultClient, d.http.URL+"/chat/v1/uploads", token, "a.txt", []byte("hers"))
	if status != http.StatusCreated {
		t.Fatal(status)
	}
	body, err := json.Marshal(map[string]any{"id": "1", "body": "看这个", "attachments": []any{hers["id"]}})
	must(t, err)
	req, err := http.NewRequest(http.MethodPost, d.http.URL+"/chat/v1/messages", bytes.NewReader(body))
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	must(t, res.Body.Close())
	if res.StatusCode != http.StatusOK {
		t.Fatalf("the message: %d", res.StatusCode)
	}
	b := d.signedIn(d.agent("lin", "林薇", tickets.RoleAgent))
	if page := b.get("/tickets/1001").body; !strings.Contains(page, "a.txt") {
		t.Error("the agent does not see the shopper's file")
	}
	if got := b.do(http.MethodPost, "/tickets/1001/messages", "application/json", url.Values{
		"id": {"x"}, "kind": {"reply"}, "body": {""}, "seen": {"9"}, "attachments": {hers["id"].(string)},
	}).status; got != http.StatusUnprocessableEntity {
		t.Errorf("an agent sends a shopper's file as her own: %d, want 422", got)
	}
	status, own := uploads(t, b.client, d.http.URL+"/tickets/1001/uploads", "", "回执.txt", []byte("ours"))
	if status != http.StatusCreated {
		t.Fatalf("%d %v", status, own)
	}
	if got := b.do(http.MethodPost, "/tickets/1001/messages", "application/json", url.Values{
		"id": {"y"}, "kind": {"reply"}, "body": {""}, "seen": {"9"}, "attachments": {own["id"].(string)},
	}); got.status != http.StatusOK {
		t.Errorf("her reply: %d %s", got.status, got.body)
	}
	if page := b.get("/tickets/1001").body; !strings.Contains(page, "回执.txt") {
		t.Error("her file does not stand in the thread")
	}
}

func TestTheDeskChoosesWhatFilesItTakesAndSaysSo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.signedIn(d.agent("chen", "Chen", tickets.RoleAdmin))
	for name, c := range map[string]struct {
		form url.Values
		says string
	}{
		"no kind":      {url.Values{"max_mb": {"5"}}, "Choose at least one kind"},
		"a wild size":  {url.Values{"max_mb": {"500"}, "kinds": {"pdf"}}, "from 1 to 50"},
		"not a number": {url.Values{"max_mb": {"x"}, "kinds": {"pdf"}}, "from 1 to 50"},
	} {
		if got := b.do(http.MethodPost, "/settings/files", "text/html", c.form); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, c.says) {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	if got := b.do(http.MethodPost, "/settings/files", "text/html", url.Values{"max_mb": {"5"}, "kinds": {"pdf", "picture"}}); got.status != http.StatusSeeOther && got.status != http.StatusOK {
		t.Fatalf("saving: %d", got.status)
	}
	status, answer := uploads(t, http.DefaultClient, d.http.URL+"/chat/v1/uploads", d.shopper(), "a.pdf", []byte("just words"))
	if said, _ := answer["message"].(string); status != http.StatusUnprocessableEntity || !strings.Contains(said, "这一类") {
		t.Errorf("words that say they are a PDF: %d %v", status, answer)
	}
	page := d.browser().get("/c/" + d.inbox.Key + "?lang=zh-CN").body
	if !strings.Contains(page, "可以发图片、PDF，每个不超过 5 MB") || !strings.Contains(page, `accept="image/*,application/pdf,.pdf"`) {
		t.Error("the chat does not say what may be sent")
	}
}
