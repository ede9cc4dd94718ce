// Package apitest holds answers of the API against its document, for every test that calls it.
package apitest

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
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
	if req.Method == http.MethodHead || req.Method == http.MethodOptions {
		return
	}
	shown := *res
	shown.Body = io.NopCloser(bytes.NewReader(body))
	c.mu.Lock()
	defer c.mu.Unlock()
	if ok, errs := c.v.ValidateHttpResponse(req, &shown); !ok {
		for _, e := range errs {
			t.Errorf("%s %s answers %d outside its document: %s: %s %v\n%s", req.Method, req.URL.Path, res.StatusCode, e.Message, e.Reason, e.SchemaValidationErrors, body)
		}
	}
}

// Valid tells whether a request is as the document says.
func (c *Checker) Valid(req *http.Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	ok, _ := c.v.ValidateHttpRequestSync(req)
	return ok
}
