package robot_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"huiyin/app/robot"
)

const secret = "SEC-5ecret"

// group is the vendors' side: it checks signatures by their published algorithms, written apart from the code that signs, keeps
// what it was sent and may be told what to answer.
type group struct {
	*httptest.Server
	mu     sync.Mutex
	got    map[string]any
	status int
	answer string
}

func newGroup(t *testing.T) *group {
	t.Helper()
	g := &group{status: http.StatusOK}
	g.Server = httptest.NewServer(http.HandlerFunc(g.serve))
	t.Cleanup(g.Close)
	return g
}

func (g *group) serve(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	raw, _ := io.ReadAll(r.Body)
	g.got = nil
	if json.Unmarshal(raw, &g.got) != nil || r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(g.status)
	switch {
	case g.answer != "":
		_, _ = io.WriteString(w, g.answer)
	case strings.HasPrefix(r.URL.Path, "/cgi-bin/"):
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	case strings.HasPrefix(r.URL.Path, "/robot/"):
		stamp := r.URL.Query().Get("timestamp")
		ms, _ := strconv.ParseInt(stamp, 10, 64)
		if r.URL.Query().Get("sign") != sum(secret, stamp+"\n"+secret) || time.Since(time.UnixMilli(ms)).Abs() > time.Hour || r.URL.Query().Get("access_token") != "t" {
			_, _ = io.WriteString(w, `{"errcode":310000,"errmsg":"sign not match, more: [https://ding-doc.dingtalk.com]"}`)
			return
		}
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	default:
		stamp, _ := g.got["timestamp"].(string)
		s, _ := strconv.ParseInt(stamp, 10, 64)
		if g.got["sign"] != sum(stamp+"\n"+secret, "") || time.Since(time.Unix(s, 0)).Abs() > time.Hour {
			_, _ = io.WriteString(w, `{"code":19021,"data":{},"msg":"sign match fail or timestamp is not within one hour from current time"}`)
			return
		}
		_, _ = io.WriteString(w, `{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}`)
	}
}

func sum(key, text string) string {
	m := hmac.New(sha256.New, []byte(key))
	_, _ = io.WriteString(m, text)
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

func sender() *robot.Sender {
	return &robot.Sender{Allowed: func(host string) bool { return host == "127.0.0.1" }, Do: func(ctx context.Context, r robot.Request) (robot.Answer, error) {
		req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
		if err != nil {
			return robot.Answer{}, err
		}
		req.Header = r.Header
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return robot.Answer{}, err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return robot.Answer{Status: res.StatusCode, Body: body}, err
	}}
}

func (g *group) robot(kind robot.Kind) robot.Robot {
	path := map[robot.Kind]string{robot.WeCom: "/cgi-bin/webhook/send?key=t", robot.DingTalk: "/robot/send?access_token=t", robot.Feishu: "/open-apis/bot/v2/hook/t"}[kind]
	return robot.Robot{Kind: kind, URL: g.URL + path, Secret: secret}
}

var kinds = []robot.Kind{robot.WeCom, robot.DingTalk, robot.Feishu}

func TestEachVendorTakesWhatIsSignedAndSaysWhenTheSecretIsWrong(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		g := newGroup(t)
		r := g.robot(kind)
		err := sender().Send(context.Background(), r, robot.Message{Title: "新会话", Text: "工单 #123 等了 5 分钟", Link: "https://desk.example/t/123?a=1&b=(2)", LinkText: "打开"})
		if err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		for _, want := range []string{"新会话", "工单 #123 等了 5 分钟", "https://desk.example/t/123?a=1&b=", "打开"} {
			if !strings.Contains(fmt.Sprint(g.got), want) {
				t.Errorf("%s was told %v, which lacks %q", kind, g.got, want)
			}
		}
		if kind == robot.WeCom {
			continue // unsigned
		}
		for _, wrong := range []string{"another", ""} {
			r.Secret = wrong
			wantReason(t, sender().Send(context.Background(), r, robot.Message{Title: "x"}), robot.ReasonSignature, true)
		}
		late := sender()
		late.Now = func() time.Time { return time.Now().Add(-2 * time.Hour) }
		r.Secret = secret
		wantReason(t, late.Send(context.Background(), r, robot.Message{Title: "x"}), robot.ReasonSignature, true)
	}
}

func wantReason(t *testing.T, err error, reason string, lasting bool) {
	t.Helper()
	var e *robot.Error
	if !errors.As(err, &e) || e.Reason() != reason || e.Lasting() != lasting || e.Key() != "robot."+reason || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("got %v, want %s, lasting %v", err, reason, lasting)
	}
}

func TestAVendorsCodeIsUnderstood(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind    robot.Kind
		status  int
		answer  string
		reason  string
		lasting bool
		wait    time.Duration
	}{
		{robot.WeCom, 200, `{"errcode":93000,"errmsg":"invalid webhook url"}`, robot.ReasonRemoved, true, 0},
		{robot.WeCom, 200, `{"errcode":45009,"errmsg":"api freq out of limit"}`, robot.ReasonRate, false, time.Minute},
		{robot.WeCom, 200, `{"errcode":-1,"errmsg":"system busy"}`, robot.ReasonBusy, false, 0},
		{robot.WeCom, 200, `{"errcode":12345,"errmsg":"?"}`, robot.ReasonRefused, false, 0},
		{robot.WeCom, 200, `{"code":0}`, robot.ReasonGarbage, false, 0},
		{robot.DingTalk, 200, `{"errcode":310000,"errmsg":"keywords not in content, more: [x]"}`, robot.ReasonKeyword, true, 0},
		{robot.DingTalk, 200, `{"errcode":310000,"errmsg":"ip 1.2.3.4 not in whitelist"}`, robot.ReasonIP, true, 0},
		{robot.DingTalk, 200, `{"errcode":310000,"errmsg":"invalid timestamp"}`, robot.ReasonSignature, true, 0},
		{robot.DingTalk, 200, `{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}`, robot.ReasonRate, false, 10 * time.Minute},
		{robot.DingTalk, 200, `{"errcode":410100,"errmsg":"x"}`, robot.ReasonRate, false, 10 * time.Minute},
		{robot.DingTalk, 200, `{"errcode":300001,"errmsg":"token is not exist"}`, robot.ReasonRemoved, true, 0},
		{robot.DingTalk, 200, `{"errcode":400102,"errmsg":"x"}`, robot.ReasonRemoved, true, 0},
		{robot.DingTalk, 200, `{"errcode":430102,"errmsg":"x"}`, robot.ReasonContent, true, 0},
		{robot.Feishu, 200, `{"code":19024,"msg":"Key Words Not Found"}`, robot.ReasonKeyword, true, 0},
		{robot.Feishu, 400, `{"code":19022,"msg":"Ip Not Allowed"}`, robot.ReasonIP, true, 0},
		{robot.Feishu, 400, `{"code":19001,"msg":"param invalid: incoming webhook access token invalid"}`, robot.ReasonRemoved, true, 0},
		{robot.Feishu, 200, `{"code":11232,"msg":"frequency limited"}`, robot.ReasonRate, false, time.Minute},
		{robot.Feishu, 429, ``, robot.ReasonRate, false, time.Minute},
		{robot.Feishu, 502, `<html>bad gateway</html>`, robot.ReasonBusy, false, 0},
		{robot.Feishu, 200, `<html>sign in</html>`, robot.ReasonGarbage, false, 0},
		{robot.Feishu, 404, ``, robot.ReasonGarbage, false, 0},
	} {
		g := newGroup(t)
		g.status, g.answer = tc.status, tc.answer
		if g.answer == "" {
			g.answer = " "
		}
		err := sender().Send(context.Background(), g.robot(tc.kind), robot.Message{Title: "x"})
		wantReason(t, err, tc.reason, tc.lasting)
		var e *robot.Error
		if errors.As(err, &e); e.Wait() != tc.wait {
			t.Errorf("%s: wait %v, want %v", tc.answer, e.Wait(), tc.wait)
		}
	}
}

func TestNoTextCallsPeople(t *testing.T) {
	t.Parallel()
	evil := "@all @所有人 <@all> <at user_id=\"all\">x</at> <font color=\"warning\">\u202e[click](https://evil.example) ![p](https://evil.example/p.png)\n# big"
	for _, kind := range kinds {
		g := newGroup(t)
		if err := sender().Send(context.Background(), g.robot(kind), robot.Message{Title: evil, Text: evil, Link: "https://desk.example/1", LinkText: evil}); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		text := fmt.Sprint(g.got)
		if md, _ := g.got["markdown"].(map[string]any); strings.Contains(fmt.Sprint(md["text"]), "](https://evil") || strings.Contains(fmt.Sprint(md["text"]), "\n# ") {
			t.Errorf("钉钉 reads Markdown that is not ours: %v", md)
		}
		for _, mark := range []string{"@", "<at", "<font", "\u202e", "mentioned"} {
			if strings.Contains(text, mark) {
				t.Errorf("%s was told %q in %v", kind, mark, text)
			}
		}
		if at, _ := g.got["at"].(map[string]any); kind == robot.DingTalk && at["isAtAll"] != false {
			t.Errorf("钉钉 may call everybody: %v", g.got)
		}
	}
}

func TestALongTextIsCutBetweenCharactersAndTheLinkStays(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		g := newGroup(t)
		if err := sender().Send(context.Background(), g.robot(kind), robot.Message{Title: strings.Repeat("标", 500), Text: strings.Repeat("长", 9000), Link: "https://desk.example/" + strings.Repeat("x", 100)}); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		text := fmt.Sprint(g.got)
		if !utf8.ValidString(text) || strings.Contains(text, "\uFFFD") || !strings.Contains(text, strings.Repeat("x", 100)) || !strings.Contains(text, "…") {
			t.Errorf("%s: %.200s", kind, text)
		}
		if content, _ := g.got["text"].(map[string]any); kind == robot.WeCom && len(content["content"].(string)) > 2048 {
			t.Errorf("企业微信 takes 2048 bytes, got %d", len(content["content"].(string)))
		}
	}
}

func TestAnAddressBelongsToItsVendorUnlessTheOperatorAllowsIt(t *testing.T) {
	t.Parallel()
	var s robot.Sender
	for address, want := range map[string]string{
		"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k":        "",
		"https://qyapi.weixin.qq.com/cgi-bin/webhook/send":              robot.ReasonAddress,
		"https://qyapi.weixin.qq.com/":                                  robot.ReasonAddress,
		"http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k":         robot.ReasonHost,
		"https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key=k":   robot.ReasonHost,
		"https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send": robot.ReasonHost,
		"https://evil.example/qyapi.weixin.qq.com/cgi-bin/webhook/send": robot.ReasonHost,
		"https://qyapi.weixin.qq.com@evil.example/cgi-bin/webhook/send": robot.ReasonAddress,
		"https://oapi.dingtalk.com/robot/send?access_token=k":           robot.ReasonHost,
		"ftp://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k":          robot.ReasonAddress,
		"":    robot.ReasonAddress,
		"key": robot.ReasonAddress,
	} {
		err := s.Check(robot.Robot{Kind: robot.WeCom, URL: address})
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", address, err)
			}
			continue
		}
		wantReason(t, err, want, true)
	}
	for kind, address := range map[robot.Kind]string{
		robot.DingTalk: "https://oapi.dingtalk.com/robot/send?access_token=k", robot.Feishu: "https://open.larksuite.com/open-apis/bot/v2/hook/k",
	} {
		if err := s.Check(robot.Robot{Kind: kind, URL: address}); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	wantReason(t, s.Check(robot.Robot{Kind: "slack", URL: "https://hooks.slack.com/x"}), robot.ReasonAddress, true)
	if err := sender().Check(robot.Robot{Kind: robot.Feishu, URL: "http://127.0.0.1:1/x"}); err != nil {
		t.Errorf("a host that the operator allows: %v", err)
	}
}

type wayError struct{}

func (wayError) Error() string { return "no answer: inner" }
func (wayError) Word() string  { return "inner" }

func TestWhatWasWrongOnTheWayIsToldInAWord(t *testing.T) {
	t.Parallel()
	s := sender()
	s.Do = func(context.Context, robot.Request) (robot.Answer, error) { return robot.Answer{}, wayError{} }
	err := s.Send(context.Background(), newGroup(t).robot(robot.WeCom), robot.Message{Title: "x"})
	wantReason(t, err, robot.ReasonUnreachable, false)
	var e *robot.Error
	if errors.As(err, &e); e.Detail() != "inner" {
		t.Errorf("detail %q", e.Detail())
	}
}
