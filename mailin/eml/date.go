package eml

import (
	"net/mail"
	"regexp"
	"strings"
	"time"
)

var (
	dateComment = regexp.MustCompile(`\([^()]*\)`)
	dateZone    = regexp.MustCompile(`(?i)\s(?:GMT|UTC?)?\s*([+-]\d{2}):?(\d{2})\b.*$`)
	dateLayouts = []string{
		"2 Jan 2006 15:04:05 -0700", "2 Jan 06 15:04:05 -0700", "2 Jan 2006 15:04 -0700", "2 Jan 06 15:04 -0700", "2 Jan 2006 15:04:05", "2 Jan 2006",
		"Jan 2 15:04:05 2006 -0700", "Jan 2 15:04:05 2006", "Jan 2 2006 15:04:05 -0700", "Jan 2 2006 15:04:05",
		time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006/01/02 15:04:05", "02.01.2006 15:04:05",
		"2 January 2006 15:04:05 -0700", "2 January 2006 15:04:05",
	}
	dateDays = regexp.MustCompile(`(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]?\s+`)
)

// parseDate reads a date by RFC 5322, and in the forms that are met beside it.
func parseDate(s string) (time.Time, bool) {
	if t, err := mail.ParseDate(strings.TrimSpace(s)); err == nil {
		return t, true
	}
	s = strings.TrimSpace(dateComment.ReplaceAllString(s, " "))
	s = dateDays.ReplaceAllString(strings.ReplaceAll(s, ",", " "), "")
	zone := ""
	if at := dateZone.FindStringSubmatchIndex(s); at != nil {
		zone = s[at[2]:at[3]] + s[at[4]:at[5]]
		s = s[:at[0]] + " " + zone
	}
	s = strings.Join(strings.Fields(s), " ")
	if fields := strings.Fields(s); zone == "" && len(fields) > 1 { // a zone's name says little: UTC is taken
		if last := fields[len(fields)-1]; strings.Trim(last, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
			s = strings.Join(fields[:len(fields)-1], " ")
		}
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// possible tells whether a time can be written as RFC 3339 wants it.
func possible(t time.Time) bool {
	_, offset := t.Zone()
	year := t.UTC().Year()
	return year >= 1 && year <= 9999 && t.Year() >= 1 && t.Year() <= 9999 && offset > -24*3600 && offset < 24*3600
}
