package sms

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
)

// Request is one request to a gateway, and Answer what came back; app/egress sends it.
type Request struct {
	Method string
	URL    string
	Header http.Header
	Body   []byte
}

// Answer is a gateway's answer.
type Answer struct {
	Status int
	Body   []byte
}

// Do sends a request. It gives an answer of whatever status, or an error when there was none.
type Do func(ctx context.Context, r Request) (Answer, error)

// message is what is sent.
type message struct {
	phone string // E.164
	link  string
	token string // the link's end
	at    time.Time
	nonce string
}

// FailureError is why a message was not sent. Reason is a word of the program; Detail what the gateway called it.
type FailureError struct {
	Reason string // unreachable, refused, garbage, account, template, number, busy
	Detail string
	Final  bool // the same again would fail again
}

// Error names the failure for a log: no number, no address.
func (f *FailureError) Error() string { return "sms: " + f.Reason + " " + f.Detail }

// send sends one message by the gateway of the settings. Every error is a *FailureError.
func (s *Service) send(ctx context.Context, set *Settings, m message) error {
	var r Request
	var read func(Answer) *FailureError
	switch set.Kind {
	case KindTencent:
		r, read = tencent(set, m), tencentAnswer
	case KindGeneric:
		r, read = generic(set, m), genericAnswer
	default:
		r, read = aliyun(set, m), aliyunAnswer
	}
	a, err := s.Do(ctx, r)
	if err != nil {
		return &FailureError{Reason: "unreachable", Detail: s.why(err)}
	}
	if f := read(a); f != nil {
		f.Detail = word(f.Detail)
		return f
	}
	return nil
}

// why is what kept a request from its gateway, in a word, where the sender has one.
func (s *Service) why(err error) string {
	var named interface{ Word() string }
	switch {
	case errors.As(err, &named):
		return word(named.Word())
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return ""
}

// word keeps a gateway's own name of a failure short and plain: isv.BUSINESS_LIMIT_CONTROL.
func word(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == '_' || r == '.' || r == '-' || (r >= '0' && r <= '9') || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') {
			return r
		}
		return -1
	}, text)
	return text[:min(len(text), 60)]
}

// value is what goes into the template's variable.
func (set *Settings) value(m message) string {
	if set.WholeLink {
		return m.link
	}
	return m.token
}

// failureOf sorts a gateway's name of a failure by what it is about.
func failureOf(code string) *FailureError {
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(strings.ToUpper(code), strings.ToUpper(p)) {
				return true
			}
		}
		return false
	}
	switch {
	case has("LIMIT_CONTROL", "Throttling", "LimitExceeded", "RequestTimeException", "InternalError", "SYSTEM_ERROR", "ServiceUnavailable"):
		return &FailureError{Reason: "busy", Detail: code}
	case has("MOBILE_NUMBER", "PhoneNumber", "BlackList", "BLACK_KEY"):
		return &FailureError{Reason: "number", Detail: code, Final: true}
	case has("TEMPLATE", "SIGN_NAME", "SMS_SIGN", "SmsSdkAppId", "TemplateParam", "PARAM"):
		return &FailureError{Reason: "template", Detail: code, Final: true}
	case has("AccessKey", "SignatureDoesNotMatch", "AuthFailure", "AMOUNT_NOT_ENOUGH", "ACCOUNT", "OUT_OF_SERVICE", "InsufficientBalance", "Permission", "UnauthorizedOperation"):
		return &FailureError{Reason: "account", Detail: code, Final: true}
	}
	return &FailureError{Reason: "refused", Detail: code}
}
