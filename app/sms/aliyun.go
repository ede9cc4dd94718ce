package sms

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the gateway's own form of a signature
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"
)

const aliyunEndpoint = "https://dysmsapi.aliyuncs.com/"

// aliyun makes the request SendSms (version 2017-05-25), signed by HMAC-SHA1 in the RPC form.
func aliyun(set *Settings, m message) Request {
	variable := set.Variable
	if variable == "" {
		variable = "link"
	}
	param, _ := json.Marshal(map[string]string{variable: set.value(m)}) // strings always encode
	region := set.Region
	if region == "" {
		region = "cn-hangzhou"
	}
	q := map[string]string{
		"AccessKeyId": set.KeyID, "Action": "SendSms", "Format": "JSON", "PhoneNumbers": aliyunPhone(m.phone), "RegionId": region,
		"SignName": set.SignName, "SignatureMethod": "HMAC-SHA1", "SignatureNonce": m.nonce, "SignatureVersion": "1.0",
		"TemplateCode": set.Template, "TemplateParam": string(param), "Timestamp": m.at.UTC().Format(time.RFC3339), "Version": "2017-05-25",
	}
	q["Signature"] = aliyunSignature(http.MethodPost, q, set.Secret)
	form := url.Values{}
	for name, value := range q {
		form.Set(name, value)
	}
	endpoint := set.Endpoint
	if endpoint == "" {
		endpoint = aliyunEndpoint
	}
	return Request{
		Method: http.MethodPost, URL: endpoint, Body: []byte(form.Encode()),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
	}
}

// aliyunSignature signs the parameters: sorted, each percent-encoded, the whole encoded once more behind method and path.
func aliyunSignature(method string, q map[string]string, secret string) string {
	names := make([]string, 0, len(q))
	for name := range q {
		if name != "Signature" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = percent(name) + "=" + percent(q[name])
	}
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(method + "&" + percent("/") + "&" + percent(strings.Join(parts, "&"))))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// percent encodes all but RFC 3986's unreserved characters.
func percent(text string) string {
	return strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(url.QueryEscape(text))
}

// aliyunPhone writes a number as the gateway wants it: one of the mainland without its country, another without the plus.
func aliyunPhone(e164 string) string {
	if home, ok := strings.CutPrefix(e164, "+86"); ok {
		return home
	}
	return strings.TrimPrefix(e164, "+")
}

// aliyunAnswer reads {"Code": "OK"}; the names of failures come with a status of 400 too.
func aliyunAnswer(a Answer) *FailureError {
	var got struct{ Code string }
	switch err := json.Unmarshal(a.Body, &got); {
	case err != nil || got.Code == "":
		return &FailureError{Reason: "garbage"}
	case got.Code == "OK":
		return nil
	}
	return failureOf(got.Code)
}
