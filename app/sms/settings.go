package sms

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"huiyin/tickets/fault"
	"huiyin/tickets/hours"
)

// Kind is the sort of a gateway.
type Kind string

// The kinds of gateway.
const (
	KindAliyun  Kind = "aliyun"
	KindTencent Kind = "tencent"
	KindGeneric Kind = "generic"
)

// Settings are how the desk sends text messages, stored as a sealed setting.
type Settings struct {
	Enabled  bool   `json:"enabled"`
	Kind     Kind   `json:"kind"`
	Endpoint string `json:"endpoint"` // of 阿里云 or 腾讯云; empty: their own
	Region   string `json:"region"`   // empty: the usual one

	KeyID    string `json:"key_id"`    // AccessKeyId, SecretId
	Secret   string `json:"secret"`    // AccessKeySecret, SecretKey
	AppID    string `json:"app_id"`    // SmsSdkAppId of 腾讯云
	SignName string `json:"sign_name"` // 短信签名
	Template string `json:"template"`  // 模板 ID
	Variable string `json:"variable"`  // its name in the template (阿里云); empty: link
	// WholeLink puts the whole address into the variable. Without it only its end goes there, and the template holds
	// "https://desk/t/" before the variable: gateways want short variables.
	WholeLink bool `json:"whole_link"`

	// Of a gateway of plain HTTP. Headers are lines "Name: value"; in URL, headers and body {phone}, {link}, {token},
	// {sign}, {template} and {secret} are filled in.
	Method  string `json:"method"`
	URL     string `json:"url"`
	Headers string `json:"headers"`
	Body    string `json:"body"`

	QuietFrom hours.Minute `json:"quiet_from"` // no message between these, in the shop's zone; alike: none
	QuietTo   hours.Minute `json:"quiet_to"`
	PerNumber int          `json:"per_number"` // a day
	PerDay    int          `json:"per_day"`    // all numbers together
}

const (
	setting  = "sms"
	textMax  = 200
	bodyMax  = 4000
	numberTo = 20
	dayTo    = 100_000
)

// Default is what holds until somebody has chosen.
var Default = Settings{Kind: KindAliyun, Method: "POST", QuietFrom: 22 * 60, QuietTo: 8 * 60, PerNumber: 3, PerDay: 500}

// Settings gives what holds, secrets included.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	set := Default
	data, found, err := s.Tickets.Setting(ctx, setting)
	if err == nil && found {
		err = json.Unmarshal(data, &set)
	}
	if err != nil {
		return set, fmt.Errorf("read the settings of text messages: %w", err)
	}
	return set, nil
}

// Save replaces the settings; an empty secret keeps the one that is there. Errors: Invalid.
func (s *Service) Save(ctx context.Context, set Settings) error {
	set, err := s.completed(ctx, set)
	if err != nil {
		return err
	}
	data, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("encode the settings of text messages: %w", err)
	}
	return s.Tickets.SetSetting(ctx, setting, data)
}

// completed adds the secret that is kept and checks the rest.
func (s *Service) completed(ctx context.Context, set Settings) (Settings, error) {
	if set.Secret == "" {
		old, err := s.Settings(ctx)
		if err != nil {
			return set, err
		}
		set.Secret = old.Secret
	}
	for _, text := range []*string{&set.Endpoint, &set.Region, &set.KeyID, &set.Secret, &set.AppID, &set.SignName, &set.Template, &set.Variable, &set.Method, &set.URL} {
		*text = strings.TrimSpace(*text)
	}
	return set, set.check()
}

// check refuses what cannot work, each with its field.
func (set *Settings) check() error {
	e := fault.New(fault.Invalid, "error.invalid")
	wrong := func(field, code, key string, args map[string]any) {
		e.Fields = append(e.Fields, fault.Field{Name: field, Code: code, Key: key, Args: args})
	}
	if !slices.Contains([]Kind{KindAliyun, KindTencent, KindGeneric}, set.Kind) {
		wrong("kind", "invalid", "sms.error.kind", nil)
	}
	for name, text := range set.texts() {
		if !utf8.ValidString(*text) || utf8.RuneCountInString(*text) > textMax || strings.ContainsAny(*text, "\r\n") {
			wrong(name, "too_long", "sms.error.text", map[string]any{"max": textMax})
		} else if set.Enabled && *text == "" && set.needs(name) {
			wrong(name, "required", "sms.error.required", nil)
		}
	}
	if set.Endpoint != "" && !webAddress(set.Endpoint) {
		wrong("endpoint", "invalid", "sms.error.url", nil)
	}
	if set.Kind == KindGeneric && set.URL != "" && !webAddress(set.URL) {
		wrong("url", "invalid", "sms.error.url", nil)
	}
	if len(set.Body) > bodyMax {
		wrong("body", "too_long", "sms.error.text", map[string]any{"max": bodyMax})
	}
	if _, err := headerOf(set.Headers); err != nil {
		wrong("headers", "invalid", "sms.error.headers", nil)
	}
	if set.PerNumber < 1 || set.PerNumber > numberTo {
		wrong("per_number", "invalid", "sms.error.number", map[string]any{"max": numberTo})
	}
	if set.PerDay < 1 || set.PerDay > dayTo {
		wrong("per_day", "invalid", "sms.error.number", map[string]any{"max": dayTo})
	}
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

func (set *Settings) texts() map[string]*string {
	return map[string]*string{
		"key_id": &set.KeyID, "secret": &set.Secret, "app_id": &set.AppID, "sign_name": &set.SignName, "template": &set.Template,
		"variable": &set.Variable, "region": &set.Region, "url": &set.URL,
	}
}

// needs tells which texts a gateway cannot do without.
func (set *Settings) needs(name string) bool {
	need := map[Kind][]string{
		KindAliyun:  {"key_id", "secret", "sign_name", "template"},
		KindTencent: {"key_id", "secret", "app_id", "sign_name", "template"},
		KindGeneric: {"url"},
	}
	return slices.Contains(need[set.Kind], name)
}

func webAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}
