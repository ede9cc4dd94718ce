package web

import (
	"regexp"
	"testing"
	"time"

	"huiyin/app/auth"
	"huiyin/app/insights"
	"huiyin/app/web/api/apitest"
	"huiyin/tickets"
)

// whole calls what chance alone never gets right, because its parts must fit each other.
func whole(r *apitest.Random, p *program, good map[string]int) {
	did := func(operation, path, body string) told {
		got := p.do("POST", path, body)
		if got.status < 300 {
			good["POST "+operation]++
		}
		return got
	}
	if key, ok := did("/forms", "/forms", newFormBody).body["key"].(string); ok {
		r.Know("key", key)
		did("/forms/{key}/responses", "/forms/"+key+"/responses", `{"answers":{"stars":2,"why":["late"],"say":"慢"}}`)
		did("/links", "/links", `{"target":"/f/`+key+`"}`)
	}
	into, _ := p.d.fill.Group(insights.Group{Name: "慢"})
	group, _ := p.d.fill.Group(insights.Group{Name: "漏"})
	fine := p.d.fill.Fine(group, "盖子")
	r.Know("group", group.String())
	const path = "/insights/groups/{group}"
	did(path+"/split", "/insights/groups/"+group.String()+"/split", `{"fine_groups":["`+fine.String()+`"]}`)
	did(path+"/merge", "/insights/groups/"+into.String()+"/merge", `{"into":"`+group.String()+`"}`)
}

// Whatever programs send, the desk answers as its document says, and never that something of its own went wrong. (What it
// answers is held against the document by program.do.)
func TestRandomRequestsAreAnsweredAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	const each, wildEach = 160, 20
	d := newDesk(t)
	r := apitest.NewRandom(t, 5)
	requests := each * len(r.Operations())
	boss := d.program("boss", tickets.RoleAdmin)
	who := []*program{boss, boss, boss, boss, boss, boss, d.program("clerk", tickets.RoleAgent), d.program("reader", tickets.RoleAgent, auth.ScopeTicketsRead), {d: d, lang: "zh-CN", check: boss.check}}
	idOf := regexp.MustCompile(`"id":"([0-9]+)"`)
	good, answers := map[string]int{}, map[int]int{}
	begun := time.Now()
	for n := range requests {
		if n%400 == 0 { // some that belong together, and live
			for range 4 {
				made := boss.do("POST", "/tickets", `{"subject":"a","body":"b","contact":{"external_id":"one of many matters"}}`)
				r.Learn(apitest.Operation{Path: "/tickets"}, made.body["id"].(string))
			}
			whole(r, boss, good)
		}
		o := r.Operations()[n%len(r.Operations())]
		if o.Method == "DELETE" && n%5 != 0 { // else little is left to ask about
			continue
		}
		q := r.Request(o, n/len(r.Operations())%4*wildEach)
		got := who[r.Below(len(who))].do(q.Method, q.Target, q.Body, q.Headers...)
		answers[got.status/100]++
		if got.status >= 500 {
			t.Errorf("%s %s: %d %s\n%.1000s", q.Method, q.Target, got.status, got.text, q.Body)
		}
		if got.status < 300 {
			good[o.Method+" "+o.Path]++
			if found := idOf.FindStringSubmatch(got.text); found != nil {
				r.Learn(o, found[1])
			}
		}
	}
	t.Logf("%d requests in %v: %v", requests, time.Since(begun).Round(time.Millisecond), answers)
	// A form, an answer to it and a signed link are no matter of chance, nor a task whose change has begun or a trial that runs; they
	// have tests of their own.
	strict := map[string]bool{
		"POST /forms": true, "POST /forms/{key}/responses": true, "POST /links": true, "GET /tasks/{task}/effect": true, "GET /trials/{trial}/assignment": true,
	}
	for _, o := range r.Operations() {
		if !strict[o.Method+" "+o.Path] && good[o.Method+" "+o.Path] == 0 {
			t.Errorf("%s %s never went well: the requests try too little", o.Method, o.Path)
		}
	}
}
