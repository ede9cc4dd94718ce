package sms

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// generic makes the request of a gateway of plain HTTP: values go into the address encoded, into a JSON body as parts of
// its strings, into a form encoded.
func generic(set *Settings, m message) Request {
	header, _ := headerOf(set.Headers) // was checked when it was saved
	plain := func(text string) string { return text }
	for name, values := range header {
		for i := range values {
			header[name][i] = set.filled(values[i], m, plain)
		}
	}
	encode := plain
	switch body := strings.TrimSpace(set.Body); {
	case strings.HasPrefix(body, "{") || strings.HasPrefix(body, "["):
		encode = jsonInner
		if header.Get("Content-Type") == "" {
			header.Set("Content-Type", "application/json; charset=utf-8")
		}
	case body != "":
		encode = url.QueryEscape
		if header.Get("Content-Type") == "" {
			header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	}
	method := set.Method
	if method != http.MethodGet {
		method = http.MethodPost
	}
	return Request{Method: method, URL: set.filled(set.URL, m, url.QueryEscape), Header: header, Body: []byte(set.filled(set.Body, m, encode))}
}

func (set *Settings) filled(text string, m message, encode func(string) string) string {
	return strings.NewReplacer("{phone}", encode(m.phone), "{link}", encode(m.link), "{token}", encode(m.token),
		"{sign}", encode(set.SignName), "{template}", encode(set.Template), "{secret}", encode(set.Secret)).Replace(text)
}

// jsonInner is a text as it stands between the quotes of JSON.
func jsonInner(text string) string {
	b, _ := json.Marshal(text) // strings always encode
	return string(b[1 : len(b)-1])
}

// headerOf reads lines "Name: value".
func headerOf(lines string) (http.Header, error) {
	header := http.Header{}
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return header, errors.New("sms: a header line is none")
		}
		header.Add(textproto.CanonicalMIMEHeaderKey(name), value)
	}
	return header, nil
}

// genericAnswer takes the status's word for it.
func genericAnswer(a Answer) *FailureError {
	switch code := strconv.Itoa(a.Status); {
	case a.Status >= 200 && a.Status < 300:
		return nil
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return &FailureError{Reason: "account", Detail: code, Final: true}
	case a.Status == http.StatusTooManyRequests || a.Status >= 500:
		return &FailureError{Reason: "busy", Detail: code}
	default:
		return &FailureError{Reason: "refused", Detail: code, Final: true}
	}
}
