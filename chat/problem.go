package chat

import (
	"context"
	"errors"
	"math"
	"net/http"
	"time"

	"huiyin/tickets/fault"
)

// code is an error code of the contract.
type code string

const (
	codeBadFrame    code = "bad_frame"
	codeUnknownType code = "unknown_type"
	codeInvalid     code = "invalid"
	codeTooLong     code = "too_long"
	codeTooMany     code = "too_many"
	codeNotFound    code = "not_found"
	codeDenied      code = "denied"
	codeNewer       code = "newer_messages"
	codeUnavailable code = "unavailable"
)

// retryUnavailable is when a client tries again after a failure of ours.
const retryUnavailable = 2 * time.Second

// problem is what a client is told: a code for the program, a text for the person. Only one that may be retried says
// after how long.
type problem struct {
	code    code
	key     string
	args    map[string]any
	retry   time.Duration
	status  int    // over HTTP; zero follows the code
	ends    bool   // it ends an open socket too
	setting string // what the operator or the shop's page has to mend
}

// newProblem takes the message's values as name, value, name, value …
func newProblem(c code, key string, args ...any) *problem {
	p := &problem{code: c, key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if p.args == nil {
			p.args = map[string]any{}
		}
		p.args[args[i].(string)] = args[i+1]
	}
	return p
}

func tooMany(wait time.Duration) *problem {
	p := newProblem(codeTooMany, "chat.error.too_many")
	p.retry = wait
	return p
}

func denied(key, setting string) *problem {
	p := newProblem(codeDenied, key)
	p.setting = setting
	return p
}

// noSession says that the token is unknown, revoked or expired.
func noSession() *problem {
	p := newProblem(codeDenied, "chat.error.session")
	p.status = http.StatusUnauthorized
	return p
}

// unavailable is a failure of ours.
func unavailable() *problem {
	p := newProblem(codeUnavailable, "chat.error.unavailable")
	p.retry = retryUnavailable
	return p
}

// problemOf translates an error of the domain. What carries no kind is a failure of ours: it is logged by the caller.
func problemOf(err error) *problem {
	var own *problem
	if errors.As(err, &own) {
		return own
	}
	f := fault.As(err)
	if f == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return unavailable()
	}
	p := &problem{key: f.Key, args: f.Args}
	switch f.Kind {
	case fault.Invalid:
		p.code = codeInvalid
		for _, field := range f.Fields {
			if field.Code == "too_long" {
				p.code, p.key, p.args = codeTooLong, field.Key, field.Args
			}
			if field.Name == "attachments" && field.Code == "unknown" {
				p.code = codeNotFound
			}
		}
	case fault.TooLarge:
		p.code, p.status = codeTooLong, http.StatusRequestEntityTooLarge
	case fault.NotFound:
		p.code = codeNotFound
	case fault.Denied, fault.Unauthenticated:
		p.code = codeDenied
	case fault.Conflict:
		p.code, p.status = codeInvalid, http.StatusConflict
		if f.Key == "error.newer_messages" {
			p.code = codeNewer
		}
	case fault.TooMany:
		p.code, p.retry = codeTooMany, max(f.RetryAfter, time.Second)
	case fault.Unavailable:
		p.code, p.retry = codeUnavailable, max(f.RetryAfter, time.Second)
	default:
		return unavailable()
	}
	return p
}

// Error makes a problem an error, so that it can come out of a transaction.
func (p *problem) Error() string { return string(p.code) + ": " + p.key }

// ours tells whether err is a failure of ours, which belongs into the log.
func ours(err error) bool {
	var p *problem
	return !errors.As(err, &p) && fault.KindOf(err) == fault.Internal
}

// seconds is retry_after: whole seconds, at least one; zero for what is final.
func (p *problem) seconds() int {
	if p.retry <= 0 {
		return 0
	}
	return max(1, int(math.Ceil(p.retry.Seconds())))
}

// httpStatus is the status of a problem over HTTP.
func (p *problem) httpStatus() int {
	if p.status != 0 {
		return p.status
	}
	switch p.code {
	case codeBadFrame, codeUnknownType:
		return http.StatusBadRequest
	case codeInvalid, codeTooLong:
		return http.StatusUnprocessableEntity
	case codeTooMany:
		return http.StatusTooManyRequests
	case codeNotFound:
		return http.StatusNotFound
	case codeDenied:
		return http.StatusForbidden
	case codeNewer:
		return http.StatusConflict
	default:
		return http.StatusServiceUnavailable
	}
}
