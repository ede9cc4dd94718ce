package sms_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"huiyin/app/sms"
)

// cloud is a gateway that checks signatures by the providers' published algorithms, written apart from the code that
// signs.
type cloud struct {
	*httptest.Server
	mu     sync.Mutex
	sent   []map[string]string
	next   func(w http.ResponseWriter) bool // answers in the gateway's place
	secret string
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{secret: "testsecret"}
	mux := http.NewServeMux()
	mux.HandleFunc("/aliyun/", c.aliyun)
	mux.HandleFunc("/", c.tencent)
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Close)
	return c
}

func (c *cloud) instead(w http.ResponseWriter) bool {
	c.mu.Lock()
	next := c.next
	c.mu.Unlock()
	return next != nil && next(w)
}

func (c *cloud) note(m map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, m)
}

func (c *cloud) all() []map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]map[string]string(nil), c.sent...)
}

func rfc3986(s string) string {
	var b strings.Builder
	for i := range len(s) {
		ch := s[i]
		if ch >= 'A' && ch <= 'Z' || ch >= 'a' && ch <= 'z' || ch >= '0' && ch <= '9' || strings.IndexByte("-_.~", ch) >= 0 {
			b.WriteByte(ch)
		} else {
			fmt.Fprintf(&b, "%%%02X", ch)
		}
	}
	return b.String()
}

func (c *cloud) aliyun(w http.ResponseWriter, r *http.Request) {
	if c.instead(w) {
		return
	}
	raw, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(raw))
	var pairs []string
	for k, v := range form {
		if k != "Signature" {
			pairs = append(pairs, rfc3986(k)+"="+rfc3986(v[0]))
		}
	}
	sort.Strings(pairs)
	mac := hmac.New(sha1.New, []byte(c.secret+"&"))
	_, _ = io.WriteString(mac, r.Method+"&%2F&"+rfc3986(strings.Join(pairs, "&")))
	if base64.StdEncoding.EncodeToString(mac.Sum(nil)) != form.Get("Signature") {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"Code":"SignatureDoesNotMatch"}`)
		return
	}
	c.note(map[string]string{"phone": form.Get("PhoneNumbers"), "param": form.Get("TemplateParam"), "template": form.Get("TemplateCode"), "sign": form.Get("SignName")})
	_, _ = io.WriteString(w, `{"Code":"OK","Message":"OK","BizId":"1"}`)
}

func sum256(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }

func sign256(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	_, _ = io.WriteString(m, text)
	return m.Sum(nil)
}

func (c *cloud) tencent(w http.ResponseWriter, r *http.Request) {
	if c.instead(w) {
		return
	}
	raw, _ := io.ReadAll(r.Body)
	ts := r.Header.Get("X-TC-Timestamp")
	var unix int64
	_, _ = fmt.Sscan(ts, &unix) // what is no time fails the signature
	date := time.Unix(unix, 0).UTC().Format("2006-01-02")
	canonical := strings.Join([]string{"POST", "/", "", "content-type:" + r.Header.Get("Content-Type"), "host:" + r.Host, "", "content-type;host", sum256(raw)}, "\n")
	text := strings.Join([]string{"TC3-HMAC-SHA256", ts, date + "/sms/tc3_request", sum256([]byte(canonical))}, "\n")
	key := sign256(sign256(sign256([]byte("TC3"+c.secret), date), "sms"), "tc3_request")
	want := "TC3-HMAC-SHA256 Credential=testid/" + date + "/sms/tc3_request, SignedHeaders=content-type;host, Signature=" + hex.EncodeToString(sign256(key, text))
	if r.Header.Get("Authorization") != want || r.Header.Get("X-TC-Action") != "SendSms" || r.Header.Get("X-TC-Version") != "2021-01-11" {
		_, _ = io.WriteString(w, `{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure"}}}`)
		return
	}
	var body struct {
		PhoneNumberSet, TemplateParamSet []string
		SignName                         string
		TemplateID                       string `json:"TemplateId"`
	}
	_ = json.Unmarshal(raw, &body)
	c.note(map[string]string{"phone": body.PhoneNumberSet[0], "param": body.TemplateParamSet[0], "template": body.TemplateID, "sign": body.SignName})
	_, _ = io.WriteString(w, `{"Response":{"SendStatusSet":[{"Code":"Ok"}],"RequestId":"1"}}`)
}

func aliyunAt(c *cloud) sms.Settings {
	set := sms.Default
	set.Enabled, set.Kind, set.Endpoint, set.KeyID, set.Secret = true, sms.KindAliyun, c.URL+"/aliyun/", "testid", c.secret
	set.SignName, set.Template = "回音 & 商店*~", "SMS_1"
	set.QuietFrom, set.QuietTo = 0, 0
	return set
}

func TestBothCloudsTakeWhatIsSigned(t *testing.T) {
	t.Parallel()
	for _, kind := range []sms.Kind{sms.KindAliyun, sms.KindTencent} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			c, d := newCloud(t), newDesk(t, "sqlite")
			set := aliyunAt(c)
			if kind == sms.KindTencent {
				set.Kind, set.Endpoint, set.AppID = kind, c.URL+"/", "140000"
			}
			d.save(set)
			out, err := d.sms.Try(context.Background(), "138 0013 8000")
			if err != nil || out.Failure != nil {
				t.Fatalf("%v %+v", err, out.Failure)
			}
			got := c.all()
			if len(got) != 1 || got[0]["sign"] != "回音 & 商店*~" || !strings.HasSuffix(got[0]["phone"], "13800138000") {
				t.Errorf("%v", got)
			}
			set.Secret = "another"
			d.save(set)
			if out, _ = d.sms.Try(context.Background(), "13800138000"); out.Failure == nil || out.Failure.Reason != "account" {
				t.Errorf("a wrong key: %+v", out.Failure)
			}
		})
	}
}

func TestAGatewayOfPlainHTTPIsFilledIn(t *testing.T) {
	t.Parallel()
	var path, body, key string
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		path, body, key = r.URL.RequestURI(), string(raw), r.Header.Get("X-Key")
	}))
	t.Cleanup(srv.Close)
	d := newDesk(t, "sqlite")
	set := sms.Default
	set.Enabled, set.Kind, set.URL, set.Headers = true, sms.KindGeneric, srv.URL+"/send?to={phone}", "X-Key: {secret}"
	set.Secret, set.SignName, set.Body = "s3cret", `a "shop"`, `{"sign":"{sign}","link":"{link}"}`
	d.save(set)
	if out, err := d.sms.Try(context.Background(), "13800138000"); err != nil || out.Failure != nil {
		t.Fatalf("%v %+v", err, out.Failure)
	}
	if path != "/send?to=%2B8613800138000" || key != "s3cret" || body != `{"sign":"a \"shop\"","link":"https://desk.example/t/test"}` {
		t.Errorf("%s %s %s", path, key, body)
	}
}

func TestWhatAGatewayDoesWrongIsToldInAWord(t *testing.T) {
	t.Parallel()
	answers := func(status int, body string) func(http.ResponseWriter) bool {
		return func(w http.ResponseWriter) bool { w.WriteHeader(status); _, _ = io.WriteString(w, body); return true }
	}
	for _, tc := range []struct {
		name, reason string
		final        bool
		next         func(http.ResponseWriter) bool
	}{
		{"garbage", "garbage", false, answers(200, "<html>hello</html>")},
		{"nothing", "garbage", false, answers(500, "")},
		{"busy", "busy", false, answers(200, `{"Code":"isv.BUSINESS_LIMIT_CONTROL"}`)},
		{"wrong number", "number", true, answers(200, `{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}`)},
		{"no money", "account", true, answers(200, `{"Code":"isv.AMOUNT_NOT_ENOUGH"}`)},
		{"template", "template", true, answers(200, `{"Code":"isv.SMS_TEMPLATE_ILLEGAL"}`)},
		{"hangs", "unreachable", false, func(http.ResponseWriter) bool { time.Sleep(1500 * time.Millisecond); return true }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, d := newCloud(t), newDesk(t, "sqlite")
			d.save(aliyunAt(c))
			c.next = tc.next
			out, err := d.sms.Try(context.Background(), "13800138000")
			if err != nil || out.Failure == nil || out.Failure.Reason != tc.reason || out.Failure.Final != tc.final {
				t.Errorf("%v %+v", err, out.Failure)
			}
		})
	}
}
