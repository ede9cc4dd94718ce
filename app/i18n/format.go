package i18n

import (
	"strconv"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Clock is the time of day: 02:41.
func Clock(t time.Time) string { return t.Format("15:04") }

// Date is a calendar day: 2026年11月23日, 23 Nov 2026.
func Date(locale string, t time.Time) string {
	if locale == Chinese {
		return t.Format("2006年1月2日")
	}
	return t.Format("2 Jan 2006")
}

// DateTime is a moment in full: 2026年11月23日 02:41, 23 Nov 2026, 02:41.
func DateTime(locale string, t time.Time) string {
	if locale == Chinese {
		return Date(locale, t) + " " + Clock(t)
	}
	return Date(locale, t) + ", " + Clock(t)
}

// Moment is as short as it can be understood at now: the time of day today, day and time within the year, else all.
// Both times must be in the zone of the shop.
func Moment(locale string, t, now time.Time) string {
	switch {
	case sameDay(t, now):
		return Clock(t)
	case t.Year() != now.Year():
		return DateTime(locale, t)
	case locale == Chinese:
		return t.Format("1月2日 15:04")
	default:
		return t.Format("2 Jan, 15:04")
	}
}

// Day names the day of t as seen at now: today, yesterday, the day within the year, else the full date.
func (b *Bundle) Day(locale string, t, now time.Time) string {
	switch {
	case sameDay(t, now):
		return b.Text(locale, "time.today", nil)
	case sameDay(t, now.AddDate(0, 0, -1)):
		return b.Text(locale, "time.yesterday", nil)
	case t.Year() != now.Year():
		return Date(locale, t)
	case locale == Chinese:
		return t.Format("1月2日")
	default:
		return t.Format("2 Jan")
	}
}

// Ago is a span of time, rounded down to its largest unit, as lists show it: 刚刚, 4 分钟, 2 小时, 3 天.
func (b *Bundle) Ago(locale string, d time.Duration) string {
	switch {
	case d < time.Minute:
		return b.Text(locale, "time.now", nil)
	case d < time.Hour:
		return b.Text(locale, "time.minutes", count(int(d/time.Minute)))
	case d < 24*time.Hour:
		return b.Text(locale, "time.hours", count(int(d/time.Hour)))
	default:
		return b.Text(locale, "time.days", count(int(d/(24*time.Hour))))
	}
}

// Number writes n with the locale's grouping: 12,345.
func Number(locale string, n int) string {
	if n > -1000 && n < 1000 {
		return strconv.Itoa(n)
	}
	return message.NewPrinter(language.Make(locale)).Sprintf("%d", n)
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

func count(n int) map[string]any { return map[string]any{"count": n} }
