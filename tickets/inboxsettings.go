package tickets

import (
	"net/url"
	"slices"
	"strings"

	"huiyin/tickets/fault"
	"huiyin/tickets/hours"
	"huiyin/tickets/sla"
)

// InboxSettings are an inbox's choices, stored as sealed JSON.
type InboxSettings struct {
	AllowedOrigins  []string `json:"allowed_origins"`  // "https://shop.example"; empty: none but the desk itself
	EnforceIdentity bool     `json:"enforce_identity"` // refuse unsigned sessions
	ReopenDays      int      `json:"reopen_days"`      // 0 means the default, 7; ReopenNever
	Greeting        string   `json:"greeting"`
	Colour          string   `json:"colour"` // "#0b6b53"; empty: the desk's accent
	Hotline         string   `json:"hotline"`
	NoticeURL       string   `json:"notice_url"`     // privacy notice; empty: the desk's own page
	NoticeVersion   string   `json:"notice_version"` // "1" by default

	Position *Position `json:"position,omitempty"` // of the bubble; nil: the usual place

	Hours       hours.Week `json:"hours"`        // in the shop's zone; the zero week is always open
	OfflineText string     `json:"offline_text"` // what the desk answers while nobody is there; empty: its own words

	FirstReplyMinutes int `json:"first_reply_minutes"` // of opening within which a first reply is promised; 0: nothing is
}

// Limits of an inbox's settings.
const (
	originsMax    = 50
	reopenDaysMax = 365
	greetingMax   = 500
	hotlineMax    = 50
	offlineMax    = 500
)

// normal checks the settings and brings them into the form in which they are kept.
func (i InboxSettings) normal() (InboxSettings, error) {
	var err error
	if i.AllowedOrigins, err = normalOrigins(i.AllowedOrigins); err != nil {
		return i, err
	}
	if i.ReopenDays < ReopenNever || i.ReopenDays > reopenDaysMax {
		return i, fault.InvalidField("reopen_days", "invalid", "error.inbox.reopen_days", map[string]any{"max": reopenDaysMax})
	}
	if i.Greeting, err = normalLine("greeting", i.Greeting, greetingMax); err != nil {
		return i, err
	}
	if i.OfflineText, err = normalLine("offline_text", i.OfflineText, offlineMax); err != nil {
		return i, err
	}
	if i.FirstReplyMinutes < 0 || i.FirstReplyMinutes > sla.FirstReplyMax {
		return i, fault.InvalidField("first_reply_minutes", "invalid", "error.inbox.first_reply", map[string]any{"max": sla.FirstReplyMax})
	}
	if err = checkHours(i.Hours); err != nil {
		return i, err
	}
	if i.Hotline, err = normalLine("hotline", i.Hotline, hotlineMax); err != nil {
		return i, err
	}
	if i.Hotline != "" && !hotlineForm.MatchString(i.Hotline) {
		return i, fault.InvalidField("hotline", "invalid", "error.inbox.hotline", nil)
	}
	if err = i.Position.check(); err != nil {
		return i, err
	}
	if i.Colour, err = normalColour(i.Colour); err != nil {
		return i, err
	}
	if i.NoticeURL != "" && normalPage(Page{URL: i.NoticeURL}).URL == "" {
		return i, fault.InvalidField("notice_url", "invalid", "error.inbox.notice_url", nil)
	}
	if i.NoticeVersion == "" {
		i.NoticeVersion = "1"
	}
	i.NoticeVersion, err = normalLine("notice_version", i.NoticeVersion, versionMax/4)
	return i, err
}

// checkHours refuses hours that cannot be, each with its place: week.day.1, week.special.0.
func checkHours(w hours.Week) error {
	wrong := w.Check()
	if len(wrong) == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, "error.invalid")
	for _, p := range wrong {
		e.Fields = append(e.Fields, fault.Field{Name: "week." + p.Field, Code: p.Code, Key: "error.hours." + p.Code,
			Args: map[string]any{"ranges": hours.RangesMax, "special": hours.SpecialMax, "label": hours.LabelMax}})
	}
	return e
}

// normalOrigins brings the allowed sites into the form that browsers send: scheme and host in lower case, the port
// only where it is not the scheme's own.
func normalOrigins(in []string) ([]string, error) {
	out := make([]string, 0, len(in))
	for _, origin := range in {
		normal, ok := NormalOrigin(origin)
		if !ok {
			return nil, fault.InvalidField("allowed_origins", "invalid", "error.inbox.origin", map[string]any{"origin": cut(origin, 100)})
		}
		if !slices.Contains(out, normal) {
			out = append(out, normal)
		}
	}
	if len(out) > originsMax {
		return nil, tooMany("allowed_origins", "error.inbox.origins", originsMax)
	}
	return out, nil
}

// NormalOrigin gives a site's address as browsers write it in the Origin header ("https://shop.example"), and whether
// it is one. A slash at the end is forgiven, a path is not.
func NormalOrigin(origin string) (string, bool) {
	u, err := url.Parse(strings.ToLower(strings.TrimSpace(origin)))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(u.Host, "*, \t") {
		return "", false
	}
	host := u.Host
	if (u.Scheme == "https" && u.Port() == "443") || (u.Scheme == "http" && u.Port() == "80") || strings.HasSuffix(host, ":") {
		host = strings.TrimSuffix(strings.TrimSuffix(host, u.Port()), ":")
	}
	return u.Scheme + "://" + host, true
}
