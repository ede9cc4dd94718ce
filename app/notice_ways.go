package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"huiyin/app/deskmail"
	"huiyin/app/egress"
	"huiyin/app/hooks"
	"huiyin/app/mailer"
	"huiyin/app/notify"
	"huiyin/app/robot"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// wayError is why a notice did not get out, as notify and its pages want it.
type wayError struct {
	key     string // of the text that says it
	detail  string // what the other side said
	lasting bool
	cause   error
}

func (e *wayError) Error() string  { return e.key }
func (e *wayError) Unwrap() error  { return e.cause }
func (e *wayError) Reason() string { return e.key }
func (e *wayError) Detail() string { return e.detail }
func (e *wayError) Lasting() bool  { return e.lasting }

// mailNotice writes to an agent.
func (s *server) mailNotice(ctx context.Context, to *tickets.Agent, text notify.Text) error {
	link := s.base.JoinPath("notifications").String()
	if len(text.Lines) == 1 {
		link = text.Lines[0].Link
	}
	err := s.mail.SendAgent(ctx, int64(to.ID), text.Title, plain(text, len(text.Lines) > 1), link)
	var failure *mailer.Error
	switch {
	case errors.Is(err, mailer.ErrUnset):
		return &wayError{key: "notices.reason.unset", lasting: true, cause: err}
	case errors.As(err, &failure):
		set, setErr := s.mail.Settings(ctx)
		if setErr != nil {
			return setErr
		}
		return &wayError{key: "mail.reason." + deskmail.Reason(failure, set.Security), detail: failure.Detail, lasting: failure.Lasting(), cause: err}
	}
	return err
}

// plain is a notice as lines of text.
func plain(text notify.Text, links bool) string {
	var b strings.Builder
	for _, line := range text.Lines {
		b.WriteString(line.Text + "\n")
		if links {
			b.WriteString(line.Link + "\n")
		}
	}
	if text.Foot != "" {
		b.WriteString("\n" + text.Foot + "\n")
	}
	return b.String()
}

// robots send to group robots.
func (s *server) robots() *robot.Sender {
	return &robot.Sender{
		Do: func(ctx context.Context, r robot.Request) (robot.Answer, error) {
			a, err := s.egress.Do(ctx, egress.Request{Method: r.Method, URL: r.URL, Header: r.Header, Body: r.Body})
			return robot.Answer{Status: a.Status, Body: a.Body}, err
		},
		Allowed: s.allowedInside,
	}
}

// postNotice tells a group or a program.
func (s *server) postNotice(ctx context.Context, to notify.Target, text notify.Text) error {
	if to.Sort == notify.TargetWebhook {
		return s.postWebhook(ctx, to, text)
	}
	m := robot.Message{Title: text.Title, Text: strings.TrimSpace(plain(text, false)), Link: s.base.JoinPath("notifications").String(), LinkText: text.Open}
	if len(text.Lines) == 1 {
		m.Link = text.Lines[0].Link
	}
	err := s.robots().Send(ctx, robot.Robot{Kind: robot.Kind(to.Sort), URL: to.URL, Secret: to.Secret}, m)
	var failure *robot.Error
	if errors.As(err, &failure) {
		return &wayError{key: keyOf(failure.Key(), err), detail: failure.Detail(), lasting: failure.Lasting(), cause: err}
	}
	return err
}

// keyOf is the text of what was wrong on the way where nobody answered, else the one given.
func keyOf(key string, err error) string {
	var way *egress.Error
	if errors.As(err, &way) {
		return "egress." + way.Word()
	}
	return key
}

// postWebhook sends a notice as JSON, signed like webhooks are (the contract, section 8).
func (s *server) postWebhook(ctx context.Context, to notify.Target, text notify.Text) error {
	type line struct {
		Text string `json:"text"`
		Link string `json:"link"`
	}
	lines := make([]line, len(text.Lines))
	for i, l := range text.Lines {
		lines[i] = line(l)
	}
	now := time.Now()
	body, err := json.Marshal(map[string]any{
		"id": s.IDs.Next(), "event": "notice", "at": now.UTC().Format(time.RFC3339), "data": map[string]any{"title": text.Title, "lines": lines},
	})
	if err != nil {
		return err
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	header := http.Header{"Content-Type": {"application/json"}, "X-Huiyin-Event": {"notice"}, "X-Huiyin-Timestamp": {stamp}}
	if to.Secret != "" {
		header.Set("X-Huiyin-Signature", hooks.Sign(to.Secret, stamp, body))
	}
	a, err := s.egress.Do(ctx, egress.Request{Method: http.MethodPost, URL: to.URL, Header: header, Body: body})
	if err != nil {
		return &wayError{key: keyOf("notices.reason.other", err), cause: err}
	}
	if a.Status < 200 || a.Status > 299 {
		return &wayError{key: "notices.reason.status", detail: strconv.Itoa(a.Status), lasting: a.Status == http.StatusGone}
	}
	return nil
}

// checkTarget refuses an address that could not be told.
func (s *server) checkTarget(ctx context.Context, to notify.Target) error {
	if to.Sort != notify.TargetWebhook {
		err := s.robots().Check(robot.Robot{Kind: robot.Kind(to.Sort), URL: to.URL, Secret: to.Secret})
		var failure *robot.Error
		if errors.As(err, &failure) {
			return fault.InvalidField("url", "invalid", failure.Key(), nil)
		}
		return err
	}
	err := s.egress.Check(ctx, to.URL)
	var way *egress.Error
	if errors.As(err, &way) {
		return fault.InvalidField("url", "invalid", "egress."+way.Word(), nil)
	}
	return err
}

// allowedInside tells that the operator lets what we send lead to a host (--allow-inner).
func (s *server) allowedInside(host string) bool {
	if slices.Contains(s.cfg.AllowInner.Hosts(), host) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(s.cfg.AllowInner.Networks(), func(n netip.Prefix) bool { return n.Contains(ip.Unmap()) })
}
