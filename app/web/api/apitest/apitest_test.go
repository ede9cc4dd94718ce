package apitest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestATransportLetsAnswersOutsideTheDocumentFailAndTellsThem(t *testing.T) {
	answers := map[string]string{"/api/v1/me": `{"id":7}`, "/api/v1/inboxes": `{"items":[],"next":null}`, "/elsewhere": `{"any":1}`}
	desk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answers[r.URL.Path])
	}))
	defer desk.Close()
	client := &http.Client{Transport: Answers(http.DefaultTransport)}
	for path, want := range answers {
		res, err := client.Get(desk.URL + path)
		if wrong := path == "/api/v1/me"; wrong != (err != nil) {
			t.Errorf("%s: %v", path, err)
		}
		if err != nil {
			continue
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || string(body) != want {
			t.Errorf("%s: %q, %v", path, body, err)
		}
		_ = res.Body.Close()
	}
	if err := Failures(); err == nil || !strings.Contains(err.Error(), "/api/v1/me answers 200 outside its document") {
		t.Errorf("what is told: %v", err)
	}
}
