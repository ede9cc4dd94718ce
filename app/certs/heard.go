package certs

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
)

// said is what a CA's answers held against an order.
type said struct {
	Type    string // of the problem, without "urn:ietf:params:acme:error:" (RFC 8555, section 6.7)
	Detail  string
	Network bool // the CA itself could not be reached
}

// answerMax bounds what is read of an answer; a chain of certificates is some kilobytes.
const answerMax = 1 << 20

// heardMax is how many problems are kept: a renewal that fails for weeks fails the same way.
const heardMax = 20

// heard listens to the talk with the CA: autocert tries one kind of challenge after the other and forgets why each
// failed. It also ends the talk when the desk ends.
type heard struct {
	base http.RoundTripper

	mu   sync.Mutex
	life context.Context //nolint:containedctx // Run's; requests bring contexts of autocert's own
	list []said
}

// begin forgets what was said before and bounds the talk by ctx.
func (h *heard) begin(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.life, h.list = ctx, nil
}

// all is what was said since begin.
func (h *heard) all() []said {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]said(nil), h.list...)
}

func (h *heard) note(s said) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, s)
	h.list = h.list[max(0, len(h.list)-heardMax):]
}

// RoundTrip sends a request and looks into its answer.
func (h *heard) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	life := h.life
	h.mu.Unlock()
	ctx, cancel := context.WithCancel(r.Context())
	stop := context.AfterFunc(life, cancel)
	defer func() { stop(); cancel() }()
	res, err := h.base.RoundTrip(r.WithContext(ctx))
	if err != nil {
		h.note(said{Network: true, Detail: err.Error()})
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, answerMax))
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		h.read(body)
	}
	return res, nil
}

type acmeProblem struct {
	Type   string `json:"type"`
	Detail string `json:"detail"`
}

// read finds the problems in an answer: itself one, or of an order, or of an authorization's challenges.
func (h *heard) read(body []byte) {
	var answer struct {
		acmeProblem
		Error      *acmeProblem `json:"error"`
		Challenges []struct {
			Error *acmeProblem `json:"error"`
		} `json:"challenges"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return
	}
	problems := []*acmeProblem{&answer.acmeProblem, answer.Error}
	for _, c := range answer.Challenges {
		problems = append(problems, c.Error)
	}
	for _, p := range problems {
		if p == nil {
			continue
		}
		if kind, ok := strings.CutPrefix(p.Type, "urn:ietf:params:acme:error:"); ok && kind != "badNonce" {
			h.note(said{Type: kind, Detail: p.Detail})
		}
	}
}
