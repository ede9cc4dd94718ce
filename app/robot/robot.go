package robot

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Kind is the vendor of a robot.
type Kind string

// The vendors.
const (
	WeCom    Kind = "wecom"    // 企业微信
	DingTalk Kind = "dingtalk" // 钉钉
	Feishu   Kind = "feishu"   // 飞书, Lark
)

// Robot is one group's robot.
type Robot struct {
	Kind   Kind
	URL    string // as the vendor shows it, with its key
	Secret string // of the signature; empty: unsigned (企业微信 has none)
}

// Message is what a group is told. Link may be empty; LinkText is what stands for it.
type Message struct {
	Title, Text, Link, LinkText string
}

// Request and Answer are those of app/egress.
type Request struct {
	Method string
	URL    string
	Header http.Header
	Body   []byte
}

// Answer is what a vendor answered.
type Answer struct {
	Status int
	Body   []byte
}

// Sender sends messages. Its zero values but Do are usable.
type Sender struct {
	// Do sends a request to an outer address; its error may have a Word that says what was wrong on the way.
	Do func(ctx context.Context, r Request) (Answer, error)
	// Allowed tells that the operator lets robots be at a host that is no vendor's. nil: at none.
	Allowed func(host string) bool
	// Now is the clock of signatures. nil: time.Now.
	Now func() time.Time
}

// vendor is what is peculiar to one.
type vendor struct {
	hosts []string
	path  string
	key   string // the parameter that holds the robot's key; empty: the path does
	body  func(m Message) any
	// sign puts the signature into the address or the body.
	sign func(at time.Time, secret string, u *url.URL, body any) any
	// reasons are the codes of failure.
	reasons map[int]string
}

var vendors = map[Kind]vendor{
	WeCom: {
		hosts: []string{"qyapi.weixin.qq.com"}, path: "/cgi-bin/webhook/send", key: "key", body: wecomBody,
		reasons: map[int]string{93000: ReasonRemoved, 93004: ReasonRemoved, 93008: ReasonRemoved, 45009: ReasonRate, 45033: ReasonRate, 60020: ReasonIP, -1: ReasonBusy, 40058: ReasonContent, 44004: ReasonContent},
	},
	DingTalk: {
		hosts: []string{"oapi.dingtalk.com", "oapi.dingtalk.io"}, path: "/robot/send", key: "access_token", body: dingtalkBody, sign: dingtalkSign,
		reasons: map[int]string{
			300001: ReasonRemoved, 300005: ReasonRemoved, 400013: ReasonRemoved, 400101: ReasonRemoved, 400102: ReasonRemoved, 400106: ReasonRemoved,
			410100: ReasonRate, 130101: ReasonRate, -1: ReasonBusy, 430101: ReasonContent, 430102: ReasonContent, 430103: ReasonContent, 430104: ReasonContent,
		},
	},
	Feishu: {
		hosts: []string{"open.feishu.cn", "open.larksuite.com"}, path: "/open-apis/bot/", body: feishuBody, sign: feishuSign,
		reasons: map[int]string{19001: ReasonRemoved, 19021: ReasonSignature, 19022: ReasonIP, 19024: ReasonKeyword, 11232: ReasonRate, 99991400: ReasonRate, 9499: ReasonContent, 19002: ReasonContent},
	},
}

// Check refuses an address that cannot be the robot's. Every error is an *Error.
func (s *Sender) Check(r Robot) error {
	_, err := s.address(r)
	return err
}

// address reads the robot's address: of its vendor, by TLS, with a key; or at a host that the operator allows.
func (s *Sender) address(r Robot) (*url.URL, error) {
	v, known := vendors[r.Kind]
	u, err := url.Parse(strings.TrimSpace(r.URL))
	if !known || err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.User != nil {
		return nil, &Error{reason: ReasonAddress}
	}
	if s.Allowed != nil && s.Allowed(strings.ToLower(u.Hostname())) {
		return u, nil
	}
	if !slices.Contains(v.hosts, strings.ToLower(u.Hostname())) || u.Scheme != "https" || (u.Port() != "" && u.Port() != "443") {
		return nil, &Error{reason: ReasonHost}
	}
	end, ok := strings.CutPrefix(u.Path, v.path)
	if !ok || (v.key == "" && strings.Trim(end, "/") == "") || (v.key != "" && (end != "" || u.Query().Get(v.key) == "")) {
		return nil, &Error{reason: ReasonAddress}
	}
	return u, nil
}

// Send tells the robot's group. Every error is an *Error.
func (s *Sender) Send(ctx context.Context, r Robot, m Message) error {
	u, err := s.address(r)
	if err != nil {
		return err
	}
	v := vendors[r.Kind]
	body := v.body(m)
	if v.sign != nil && r.Secret != "" {
		now := s.Now
		if now == nil {
			now = time.Now
		}
		body = v.sign(now(), r.Secret, u, body)
	}
	data, err := json.Marshal(body)
	if err != nil {
		return &Error{reason: ReasonContent, cause: err}
	}
	a, err := s.Do(ctx, Request{Method: http.MethodPost, URL: u.String(), Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, Body: data})
	if err != nil {
		failed := &Error{reason: ReasonUnreachable, cause: err}
		var named interface{ Word() string }
		if errors.As(err, &named) {
			failed.detail = named.Word()
		}
		return failed
	}
	if failed := v.read(r.Kind, a); failed != nil {
		return failed
	}
	return nil
}
