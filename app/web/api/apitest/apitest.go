// Package apitest holds answers of the API against its document, for every test that calls it.
package apitest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"

	"huiyin/app/web/api"
)

// Checker knows the document.
type Checker struct {
	mu sync.Mutex // the validator keeps caches
	v  validator.Validator
}

var checker = sync.OnceValues(func() (*Checker, error) {
	text, err := api.Document(&url.URL{Scheme: "http", Host: "desk.test"})
	if err != nil {
		return nil, err
	}
	doc, err := libopenapi.NewDocument(text)
	if err != nil {
		return nil, err
	}
	v, errs := validator.NewValidator(doc, config.WithFormatAssertions())
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return &Checker{v: v}, nil
})

// Answers gives a transport that lets calls of the API fail whose answers are not as the document says, for programs and tests
// that call a desk in another process. Failures has them too, for whoever expects calls to fail.
func Answers(next http.RoundTripper) http.RoundTripper { return transport{next} }

type transport struct{ next http.RoundTripper }

var failures struct {
	mu  sync.Mutex
	all []error
}

// Failures are the answers outside the document that transports have seen in this process.
func Failures() error {
	failures.mu.Lock()
	defer failures.mu.Unlock()
	return errors.Join(failures.all...)
}

// RoundTrip sends the request and looks at the answer.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.next.RoundTrip(req)
	if err != nil || !strings.HasPrefix(req.URL.Path, "/api/v1/") {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{err}))
	if err != nil { // the desk was killed in the middle: that is the caller's to see
		return res, nil
	}
	c, err := checker()
	if err == nil {
		err = c.wrong(req, res, body)
	}
	if err != nil {
		failures.mu.Lock()
		defer failures.mu.Unlock()
		failures.all = append(failures.all, err)
		return nil, err
	}
	return res, nil
}

// broken ends a body as it has ended for the transport.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) {
	if b.err == nil {
		return 0, io.EOF
	}
	return 0, b.err
}

// New gives the checker of the document that this program serves.
func New(t testing.TB) *Checker {
	t.Helper()
	c, err := checker()
	if err != nil {
		t.Fatalf("the document: %v", err)
	}
	return c
}

// Answer fails the test when an answer is not as the document says. body is the answer's whole body.
func (c *Checker) Answer(t testing.TB, req *http.Request, res *http.Response, body []byte) {
	t.Helper()
	if err := c.wrong(req, res, body); err != nil {
		t.Error(err)
	}
}

// wrong says what is outside the document in an answer.
func (c *Checker) wrong(req *http.Request, res *http.Response, body []byte) error {
	if req.Method == http.MethodHead || req.Method == http.MethodOptions {
		return nil
	}
	shown := *res
	shown.Body = io.NopCloser(bytes.NewReader(body))
	c.mu.Lock()
	defer c.mu.Unlock()
	_, errs := c.v.ValidateHttpResponse(req, &shown)
	var all error
	for _, e := range errs {
		all = errors.Join(all, fmt.Errorf("%s %s answers %d outside its document: %s: %s %v\n%s", req.Method, req.URL.Path, res.StatusCode, e.Message, e.Reason, e.SchemaValidationErrors, body))
	}
	return all
}

// Valid tells whether a request is as the document says.
func (c *Checker) Valid(req *http.Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	ok, _ := c.v.ValidateHttpRequestSync(req)
	return ok
}
