package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/app/auth"
	"huiyin/app/feedback"
	"huiyin/tickets"
)

const newFormBody = `{"name":"收货","occasion":"after_order","thresholds":{"stars":4},"definition":{"title":{"zh-CN":"收货评价"},"steps":[{"questions":[
 {"id":"stars","kind":"rating","label":{"zh-CN":"满意吗"},"required":true},{"id":"say","kind":"text","label":{"zh-CN":"想说的话"}},
 {"id":"why","kind":"multiple","label":{"zh-CN":"原因"},"options":[{"id":"late","label":{"zh-CN":"慢"}},{"id":"broken","label":{"zh-CN":"破"}}]}]}]}}`

func TestAProgramMakesFormsAndReadsResponses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.program("boss", tickets.RoleAdmin)
	made := p.do("POST", "/forms", newFormBody, "Idempotency-Key", "one")
	if made.status != http.StatusCreated || made.body["version"] != 1.0 {
		t.Fatalf("%d %s", made.status, made.text)
	}
	key := made.body["key"].(string)
	if again := p.do("POST", "/forms", newFormBody, "Idempotency-Key", "one"); again.body["key"] != key {
		t.Error("the same call again made another form")
	}
	if got := p.do("GET", "/forms", ""); len(got.items()) != 1 {
		t.Errorf("%d forms", len(got.items()))
	}
	if got := d.program("lin", tickets.RoleAgent).do("POST", "/forms", newFormBody); got.status != http.StatusForbidden {
		t.Errorf("an agent made a form: %d", got.status)
	}
	for body, want := range map[string]string{
		strings.Replace(newFormBody, `"rating"`, `"stars"`, 1):                         "definition.steps.0.questions.0.kind kind",
		strings.Replace(newFormBody, `"after_order"`, `"never"`, 1):                    "occasion occasion",
		strings.Replace(newFormBody, `"id":"say"`, `"id":"stars"`, 1):                  "definition.steps.0.questions.1.id id_twice",
		strings.Replace(newFormBody, `"name":"收货"`, `"name":"收货","inbox":"absent"`, 1): "inbox not_found",
		strings.Replace(newFormBody, `{"id":"late","label":{"zh-CN":"慢"}},`, ``, 1):    "definition.steps.0.questions.2.options options_few",
	} {
		if got := p.do("POST", "/forms", body); got.status != http.StatusUnprocessableEntity || got.wrong() != want {
			t.Errorf("%s: %d %s", want, got.status, got.wrong())
		}
	}
	path := "/forms/" + key + "/responses"
	first := p.do("POST", path, `{"source_id":"s1","order":"A-1","contact":{"external_id":"u1","name":"韩梅"},"answers":{"stars":3,"why":["late"]},"locale":"zh-CN"}`)
	if first.status != http.StatusCreated || first.body["ticket"] == nil {
		t.Fatalf("%d %s", first.status, first.text)
	}
	if again := p.do("POST", path, `{"source_id":"s1","order":"A-1","answers":{"stars":3}}`); again.status != http.StatusOK || again.body["id"] != first.body["id"] {
		t.Errorf("%d %s", again.status, again.text)
	}
	if again := p.do("POST", path, `{"order":"A-1","answers":{"stars":"5","say":"好多了"}}`, "Idempotency-Key", "r"); again.status != http.StatusOK || again.body["revision"] != 2.0 {
		t.Errorf("the order again: %d %s", again.status, again.text)
	}
	for body, want := range map[string]string{
		`{"answers":{"stars":9}}`: "answers.stars score", `{"answers":{"stars":[1,2]}}`: "answers.stars invalid", `{"answers":{}}`: "answers.stars required_choice",
		`{"answers":{"stars":5},"colour":"x"}`: "colour unknown", `{"answers":{"stars":5,"x":1}}`: "answers.x unknown", `{"answers":{"stars":5,"why":["x"]}}`: "answers.why invalid_choice",
		`{"answers":{"stars":5},"order":"` + strings.Repeat("9", 65) + `"}`: "order invalid",
	} {
		if got := p.do("POST", path, body); got.status != http.StatusUnprocessableEntity || got.wrong() != want {
			t.Errorf("%s: %d %s", body, got.status, got.wrong())
		}
	}
	list := p.do("GET", "/responses?form="+key+"&rating_max=5&from=2020-01-01T00:00:00Z&source=api&limit=1", "")
	if list.status != 200 || len(list.items()) != 1 || list.items()[0]["order_verified"] != true {
		t.Fatalf("%d %s", list.status, list.text)
	}
	if got := p.do("GET", "/responses?rating_max=4", ""); len(got.items()) != 0 {
		t.Errorf("%s", got.text)
	}
	if got := d.program("narrow", tickets.RoleAgent, auth.ScopeFormsRead).do("GET", "/responses", ""); got.status != http.StatusForbidden {
		t.Errorf("without the scope: %d", got.status)
	}
}

func TestAPageOfTheShopAnswersAFormWithoutAToken(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	f, box := d.form()
	_, err := d.tickets.UpdateInboxSettings(context.Background(), box.ID, tickets.InboxSettings{AllowedOrigins: []string{"https://shop.example"}})
	must(t, err)
	p := d.program("boss", tickets.RoleAdmin)
	p.token = ""
	path := "/forms/" + f.Key + "/responses"
	exp := time.Now().Add(time.Hour).Unix()
	signed := fmt.Sprintf(`{"order":"A-1","exp":%d,"signature":"%s","answers":{"stars":1}}`, exp, feedback.Sign(box.Secret, f.Key, "A-1", strconv.FormatInt(exp, 10)))
	if got := p.do("POST", path, `{"answers":{"stars":1}}`); got.status != http.StatusUnauthorized {
		t.Errorf("nobody: %d", got.status)
	}
	if got := p.do("POST", path, strings.Replace(signed, `"A-1"`, `"A-2"`, 1)); got.status != http.StatusForbidden {
		t.Errorf("forged: %d", got.status)
	}
	good := p.do("POST", path, signed, "Origin", "https://shop.example", "Sec-Fetch-Site", "cross-site")
	if good.status != http.StatusCreated || good.header.Get("Access-Control-Allow-Origin") != "https://shop.example" || good.body["edit_url"] == nil {
		t.Errorf("%d %v %s", good.status, good.header, good.text)
	}
	if got := p.do("POST", path, signed, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); got.status != http.StatusForbidden || got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another site: %d", got.status)
	}
	claim := `{"source_id":"7f3a","inbox":"` + box.Key + `","order":"A-9","contact":{"email":"mei@example.com","name":"梅"},"answers":{"stars":1}}`
	if got := p.do("POST", path, claim); got.status != http.StatusCreated {
		t.Errorf("%d %s", got.status, got.text)
	}
	if got := p.do("POST", path, claim); got.status != http.StatusOK || got.body["edit_url"] != nil {
		t.Errorf("whoever guesses an id may change the answers: %d %s", got.status, got.text)
	}
	if got := p.do("POST", path, `{"inbox":"`+box.Key+`","contact":{"external_id":"u1"},"answers":{"stars":1}}`); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a claim of somebody else's id: %d", got.status)
	}
}

func TestShortLinksLeadToPagesOfTheDeskOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.program("boss", tickets.RoleAgent)
	made := p.do("POST", "/links", `{"target":"/f/abc?order=A-1&exp=1&signature=x"}`)
	if made.status != http.StatusCreated {
		t.Fatalf("%d %s", made.status, made.text)
	}
	short, err := url.Parse(made.body["url"].(string))
	must(t, err)
	if got := d.browser().get(short.Path); got.status != http.StatusFound || got.header.Get("Location") != "/f/abc?order=A-1&exp=1&signature=x" || !strings.Contains(got.header.Get("X-Robots-Tag"), "noindex") {
		t.Errorf("%d %v", got.status, got.header)
	}
	if got := d.browser().get("/s/abcdefgh"); got.status != http.StatusNotFound {
		t.Errorf("%d", got.status)
	}
	for _, target := range []string{"https://evil.example/f/x", "//evil.example/f/x", "/settings", "javascript:alert(1)", "/f/../settings", d.http.URL + "@evil.example/f/x", "/f/\\evil", ""} {
		body, err := json.Marshal(map[string]string{"target": target})
		must(t, err)
		if got := p.do("POST", "/links", string(body)); got.status != http.StatusUnprocessableEntity || got.wrong() != "target invalid" {
			t.Errorf("%q: %d %s", target, got.status, got.text)
		}
	}
	if got := p.do("POST", "/links", `{"target":"/f/x","expires_at":"2001-01-01T00:00:00Z"}`); got.wrong() != "expires_at invalid" {
		t.Errorf("%d %s", got.status, got.text)
	}
}
