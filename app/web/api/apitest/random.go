package apitest

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"huiyin/app/web/api"
)

// Random makes requests out of the document: sound ones, spoilt ones, and bodies that are none.
type Random struct {
	rand       *rand.Rand
	doc        map[string]any
	ids        map[string][]string // what may stand where an id is wanted, by what it is of: ticket, contact
	operations []Operation
}

// idsMost is how many ids are remembered of a kind: the newest ones.
const idsMost = 20

// Learn remembers the id that an operation has answered of what its path is about.
func (r *Random) Learn(o Operation, id string) {
	kind := kindOf(o.Path)
	if strings.Count(o.Path, "/") > 2 {
		return // it is the id of a part
	}
	r.ids[kind] = append(r.ids[kind], id)
	r.ids[kind] = r.ids[kind][max(0, len(r.ids[kind])-idsMost):]
}

// Know remembers a value that may stand where one of this name is wanted in a path.
func (r *Random) Know(name, value string) { r.ids[name] = append(r.ids[name], value) }

// kindOf is what a path is about: ticket for /tickets/{ticket}/messages.
func kindOf(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return strings.TrimSuffix(first, "s")
}

// id is an id of a kind, or of another.
func (r *Random) id(kind string) string {
	list := r.ids[kind]
	if len(list) == 0 || r.chance(10) {
		list = r.ids[pick(r, slices.Sorted(maps.Keys(r.ids)))]
	}
	return pick(r, list)
}

// Operation is one method of a path of the document.
type Operation struct {
	Method, Path string // the path as the document has it: /tickets/{ticket}
	path, spec   map[string]any
}

// Request is a request to make.
type Request struct {
	Operation
	Target  string // below /api/v1, with its query
	Body    string
	Headers []string // names and values, by turns
}

// NewRandom makes requests of a seed.
func NewRandom(t testing.TB, seed uint64) *Random {
	t.Helper()
	text, err := api.Document(&url.URL{Scheme: "http", Host: "desk.test"})
	if err != nil {
		t.Fatal(err)
	}
	r := &Random{rand: rand.New(rand.NewPCG(seed, seed)), ids: map[string][]string{"other": {"1", "12"}}}
	if err := json.Unmarshal(text, &r.doc); err != nil {
		t.Fatal(err)
	}
	paths := r.doc["paths"].(map[string]any)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		one := paths[path].(map[string]any)
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			if spec, ok := one[method].(map[string]any); ok {
				r.operations = append(r.operations, Operation{strings.ToUpper(method), path, one, spec})
			}
		}
	}
	return r
}

// Operations lists all that the document has.
func (r *Random) Operations() []Operation { return r.operations }

// Below is a number from 0 to below n.
func (r *Random) Below(n int) int { return r.rand.IntN(n) }

func (r *Random) chance(percent int) bool { return r.rand.IntN(100) < percent }

func pick[T any](r *Random, list []T) T { return list[r.rand.IntN(len(list))] }

// Request makes one of an operation. wild is the share of the values that are spoilt, in percent.
func (r *Random) Request(o Operation, wild int) Request {
	q := Request{Operation: o, Target: o.Path}
	query := url.Values{}
	shared, _ := o.path["parameters"].([]any)
	own, _ := o.spec["parameters"].([]any)
	for _, one := range slices.Concat(shared, own) {
		p := r.resolve(one)
		name := p["name"].(string)
		value := r.word(name, p["schema"], wild)
		switch p["in"] {
		case "path":
			if value == "" || value == "." || value == ".." {
				value = "0"
			}
			q.Target = strings.Replace(q.Target, "{"+name+"}", url.PathEscape(value), 1)
		case "query":
			if r.chance(35) {
				query.Set(name, value)
			}
		case "header":
			if r.chance(30) {
				q.Headers = append(q.Headers, name, pick(r, []string{"key-1", "key-2", "", strings.Repeat("k", 256), "ключ"}))
			}
		}
	}
	if r.chance(wild / 2) {
		query.Set(pick(r, []string{"page", "offset", "limit", "cursor", ""}), pick(r, oddWords))
	}
	if len(query) > 0 {
		q.Target += "?" + query.Encode()
	}
	body, _ := o.spec["requestBody"].(map[string]any)
	if body != nil {
		media := r.resolve(body)["content"].(map[string]any)
		if one, ok := media["application/json"].(map[string]any); ok {
			q.Body = r.body(one["schema"], wild)
		}
	}
	if r.chance(wild / 3) {
		q.Headers = append(q.Headers, "Content-Type", pick(r, []string{"text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", "/", ""}))
	}
	return q
}

func (r *Random) body(schema any, wild int) string {
	b, err := json.Marshal(r.value(schema, wild, 0))
	if err != nil {
		panic(err) // what value makes can be written
	}
	text := string(b)
	if !r.chance(wild / 2) {
		return text
	}
	switch r.rand.IntN(8) {
	case 0:
		return text[:r.rand.IntN(len(text)+1)]
	case 1:
		return strings.Repeat(`{"a":`, 20_000)
	case 2:
		return strings.Repeat("[", 20_000)
	case 3:
		return strings.Replace(text, `"`, "\"\xff\xfe", 1)
	case 4:
		return strings.Replace(text, "{", `{"id":"1","id":"2",`, 1)
	case 5:
		return text + text
	case 6:
		return pick(r, []string{"null", "[]", "0", `""`, "true", "{}", "\ufeff{}", "{\"\\u0000\":1}", `{"a":1e999}`})
	}
	return `{"x":"` + strings.Repeat("长", 100_000) + `"}`
}

var oddWords = []string{
	"", " ", "0", "-1", "1", "9223372036854775807", "9223372036854775808", "1e9", "null", "none", "me", "\x00", "\u202e", "a\nb", "<script>alert(1)</script>",
	"' OR 1=1 --", "{{.}}", "../../etc/passwd", "%", "%zz", "韩梅梅", "user@example.com", "+8613800138000", "13800138000", "2026-11-27T00:00:00Z", strings.Repeat("x", 3000),
}

// word is a value as it stands in an address.
func (r *Random) word(name string, schema any, wild int) string {
	if r.chance(wild) {
		return pick(r, oddWords)
	}
	switch v := r.value(schema, 0, 0).(type) {
	case string:
		if s := r.resolve(schema); s["enum"] == nil && r.ids[name] != nil && r.chance(90) {
			return r.id(name)
		}
		return v
	default:
		b, err := json.Marshal(v)
		if err != nil {
			panic(err) // as above
		}
		return string(b)
	}
}

func (r *Random) resolve(schema any) map[string]any {
	s, _ := schema.(map[string]any)
	for s != nil && s["$ref"] != nil {
		at := any(r.doc)
		for part := range strings.SplitSeq(strings.TrimPrefix(s["$ref"].(string), "#/"), "/") {
			at = at.(map[string]any)[part]
		}
		s, _ = at.(map[string]any)
	}
	return s
}

func (r *Random) value(schema any, wild, depth int) any {
	if depth > 0 && r.chance(wild/4) {
		return pick(r, []any{nil, true, 0, -1, 1.5, 1e18, "", []any{}, map[string]any{}, []any{nil}, map[string]any{"x": 1}, pick(r, oddWords)})
	}
	s := r.resolve(schema)
	for _, key := range []string{"oneOf", "anyOf"} {
		if list, ok := s[key].([]any); ok {
			return r.value(pick(r, list), wild, depth)
		}
	}
	if list, ok := s["enum"].([]any); ok {
		return pick(r, list)
	}
	kind, _ := s["type"].(string)
	if list, ok := s["type"].([]any); ok {
		kind = pick(r, list).(string)
	}
	switch kind {
	case "object":
		return r.object(s, wild, depth)
	case "array":
		out := []any{}
		for range r.rand.IntN(3) {
			out = append(out, r.value(s["items"], wild, depth+1))
		}
		return out
	case "integer":
		return r.rand.IntN(50) + 1
	case "number":
		return float64(r.rand.IntN(1000)) / 10
	case "boolean":
		return r.chance(50)
	case "string":
		return r.text(s)
	}
	return nil
}

func (r *Random) object(s map[string]any, wild, depth int) any {
	out := map[string]any{}
	required, _ := s["required"].([]any)
	properties, _ := s["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		share := 40
		if slices.Contains(required, any(name)) {
			share = 100 - wild/5
		}
		if depth < 6 && r.chance(share) {
			out[name] = r.value(properties[name], wild, depth+1)
		}
	}
	if r.chance(wild / 4) {
		out[pick(r, []string{"x", "__proto__", "Subject", "", "id "})] = 1
	}
	return out
}

func (r *Random) text(s map[string]any) string {
	switch {
	case s["format"] == "date-time":
		return pick(r, []string{"2026-11-27T08:00:00Z", "2030-01-01T00:00:00.000Z", "2026-11-27T16:00:00+08:00"})
	case s["pattern"] != nil:
		if strings.HasPrefix(s["pattern"].(string), "^[1-9]") {
			return r.id("ticket")
		}
		return pick(r, []string{"59.00", "1", "12345678", "zh-CN"})
	}
	return pick(r, []string{
		"user1", "user2@example.com", "13800138001", "zh-CN", "退款三天了还没到账", "20260001", "Where is my parcel?", "refund", "<b onclick=x>hi</b>", "a", "韩梅梅",
	})
}
