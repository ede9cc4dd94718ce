package sms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	tencentEndpoint = "https://sms.tencentcloudapi.com/"
	tencentType     = "application/json; charset=utf-8"
)

// tencent makes the request SendSms (version 2021-01-11), signed by TC3-HMAC-SHA256.
func tencent(set *Settings, m message) Request {
	body, _ := json.Marshal(map[string]any{ // strings always encode
		"PhoneNumberSet": []string{m.phone}, "SmsSdkAppId": set.AppID, "SignName": set.SignName, "TemplateId": set.Template,
		"TemplateParamSet": []string{set.value(m)},
	})
	endpoint, region := set.Endpoint, set.Region
	if endpoint == "" {
		endpoint = tencentEndpoint
	}
	if region == "" {
		region = "ap-guangzhou"
	}
	host := endpoint
	if u, err := url.Parse(endpoint); err == nil {
		host = u.Host
	}
	return Request{Method: http.MethodPost, URL: endpoint, Body: body, Header: http.Header{
		"Content-Type": {tencentType}, "X-Tc-Action": {"SendSms"}, "X-Tc-Version": {"2021-01-11"}, "X-Tc-Region": {region},
		"X-Tc-Timestamp": {strconv.FormatInt(m.at.Unix(), 10)},
		"Authorization":  {tencentAuthorization(set, host, body, m.at)},
	}}
}

// tencentAuthorization signs content type, host and body with a key of the day.
func tencentAuthorization(set *Settings, host string, body []byte, at time.Time) string {
	const signed = "content-type;host"
	date := at.UTC().Format(time.DateOnly)
	scope := date + "/sms/tc3_request"
	canonical := "POST\n/\n\ncontent-type:" + tencentType + "\nhost:" + host + "\n\n" + signed + "\n" + hexSum(body)
	text := "TC3-HMAC-SHA256\n" + strconv.FormatInt(at.Unix(), 10) + "\n" + scope + "\n" + hexSum([]byte(canonical))
	key := []byte("TC3" + set.Secret)
	for _, step := range []string{date, "sms", "tc3_request"} {
		key = mac256(key, step)
	}
	return "TC3-HMAC-SHA256 Credential=" + set.KeyID + "/" + scope + ", SignedHeaders=" + signed + ", Signature=" + hex.EncodeToString(mac256(key, text))
}

func mac256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// tencentAnswer reads the state of the one number, or the error of the whole request.
func tencentAnswer(a Answer) *FailureError {
	var got struct {
		Response struct {
			Error         *struct{ Code string }
			SendStatusSet []struct{ Code string }
		}
	}
	if err := json.Unmarshal(a.Body, &got); err != nil {
		return &FailureError{Reason: "garbage"}
	}
	switch r := got.Response; {
	case r.Error != nil:
		return failureOf(r.Error.Code)
	case len(r.SendStatusSet) != 1 || r.SendStatusSet[0].Code == "":
		return &FailureError{Reason: "garbage"}
	case r.SendStatusSet[0].Code == "Ok":
		return nil
	default:
		return failureOf(r.SendStatusSet[0].Code)
	}
}
