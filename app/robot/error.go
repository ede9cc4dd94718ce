package robot

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The reasons of a failure. A page says "robot.REASON".
const (
	ReasonAddress     = "address"     // it is no address of such a robot
	ReasonHost        = "host"        // it is another's address
	ReasonSignature   = "signature"   // the secret is wrong, or the clock
	ReasonKeyword     = "keyword"     // the robot asks for a word that the message lacks
	ReasonIP          = "ip"          // the robot does not take messages from this machine
	ReasonRate        = "rate"        // more messages than it takes; later again
	ReasonRemoved     = "removed"     // the robot or its group is gone
	ReasonContent     = "content"     // the vendor does not take these words
	ReasonBusy        = "busy"        // the vendor is down; later again
	ReasonRefused     = "refused"     // a code that is not known here
	ReasonGarbage     = "garbage"     // the answer is not the vendor's
	ReasonUnreachable = "unreachable" // there was no answer; Detail says why
)

// Reasons are all of them.
var Reasons = []string{
	ReasonAddress, ReasonHost, ReasonSignature, ReasonKeyword, ReasonIP, ReasonRate, ReasonRemoved, ReasonContent, ReasonBusy, ReasonRefused, ReasonGarbage, ReasonUnreachable,
}

// Error is a message that a group was not told. Its text holds no address.
type Error struct {
	reason string
	detail string
	wait   time.Duration
	cause  error
}

// Error names the reason.
func (e *Error) Error() string { return strings.TrimSpace("group robot: " + e.reason + " " + e.detail) }

// Unwrap gives the error of the way, if there was no answer.
func (e *Error) Unwrap() error { return e.cause }

// Reason is a word of the program.
func (e *Error) Reason() string { return e.reason }

// Key is the text that says what to do.
func (e *Error) Key() string { return "robot." + e.reason }

// Detail is the vendor's code, or what was wrong on the way; it may be empty.
func (e *Error) Detail() string { return e.detail }

// Wait is how long to wait before the next message; zero: as one likes.
func (e *Error) Wait() time.Duration { return e.wait }

// Lasting tells that the same again would fail again, until somebody has changed something.
func (e *Error) Lasting() bool {
	return slices.Contains([]string{ReasonAddress, ReasonHost, ReasonSignature, ReasonKeyword, ReasonIP, ReasonRemoved, ReasonContent}, e.reason)
}

// read understands a vendor's answer; nil: the message is in the group.
func (v vendor) read(kind Kind, a Answer) *Error {
	var got struct {
		ErrCode    *int   `json:"errcode"`
		ErrMsg     string `json:"errmsg"`
		Code       *int   `json:"code"`
		StatusCode *int   `json:"StatusCode"` // the older form of 飞书
	}
	err := json.Unmarshal(a.Body, &got)
	code := got.ErrCode
	if kind == Feishu {
		if code = got.Code; code == nil {
			code = got.StatusCode
		}
	}
	switch {
	case a.Status == http.StatusTooManyRequests:
		return &Error{reason: ReasonRate, detail: "429", wait: pause(kind)}
	case a.Status >= http.StatusInternalServerError:
		return &Error{reason: ReasonBusy, detail: strconv.Itoa(a.Status)}
	case err != nil || code == nil:
		return &Error{reason: ReasonGarbage, detail: strconv.Itoa(a.Status)}
	case *code == 0:
		return nil
	}
	reason := v.reasons[*code]
	if kind == DingTalk && *code == 310000 {
		reason = dingtalkReason(got.ErrMsg)
	}
	if reason == "" {
		reason = ReasonRefused
	}
	failed := &Error{reason: reason, detail: strconv.Itoa(*code)}
	if reason == ReasonRate {
		failed.wait = pause(kind)
	}
	return failed
}

// dingtalkReason sorts what 钉钉 refuses for safety: one code for its three ways.
func dingtalkReason(text string) string {
	text = strings.ToLower(text)
	switch {
	case strings.Contains(text, "keyword"), strings.Contains(text, "关键词"):
		return ReasonKeyword
	case strings.Contains(text, "whitelist"), strings.Contains(text, "白名单"):
		return ReasonIP
	}
	return ReasonSignature // sign not match, invalid timestamp
}

// pause is how long a vendor takes nothing after too many messages: 钉钉 ten minutes, the others count by the minute.
func pause(kind Kind) time.Duration {
	if kind == DingTalk {
		return 10 * time.Minute
	}
	return time.Minute
}
