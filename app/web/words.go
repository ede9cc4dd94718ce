package web

import (
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/app/i18n"
)

// Words give a page its texts, times and numbers in the reader's language and the shop's time zone. Page structs and
// the structs of partials embed it, so that templates say {{.T "key"}}.
type Words struct {
	texts  *i18n.Bundle
	Locale string
	Zone   *time.Location
	Now    time.Time
}

func (s *Server) words(c echo.Context) *Words {
	v := of(c)
	if v.words == nil || v.words.Locale != v.locale {
		v.words = &Words{texts: s.Texts, Locale: v.locale, Zone: s.shopOf(c.Request().Context()).Zone(), Now: s.Now()}
	}
	return v.words
}

// T is the text of a key; pairs are names and values of its places: {{.T "console.thread.new" "count" 3}}.
func (w *Words) T(key string, pairs ...any) string {
	if len(pairs) == 0 {
		return w.texts.Text(w.Locale, key, nil)
	}
	args := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, ok := pairs[i].(string); ok {
			args[name] = pairs[i+1]
		}
	}
	return w.texts.Text(w.Locale, key, args)
}

// Between stands between the names of a list.
func (w *Words) Between() string {
	if w.language() == "zh" {
		return "、"
	}
	return ", "
}

// language is that of the locale: zh or en.
func (w *Words) language() string {
	if strings.HasPrefix(w.Locale, "zh") {
		return "zh"
	}
	return "en"
}

// ISO is a time for machines: the datetime of a time element.
func (w *Words) ISO(ms int64) string { return isoMillis(ms) }

// Moment is a time as short as it can be understood now.
func (w *Words) Moment(ms int64) string {
	return i18n.Moment(w.Locale, w.at(ms), w.Now.In(w.Zone))
}

// Full is a time with its date.
func (w *Words) Full(ms int64) string { return i18n.DateTime(w.Locale, w.at(ms)) }

// Clock is a time of day.
func (w *Words) Clock(ms int64) string { return i18n.Clock(w.at(ms)) }

// Date is a calendar day.
func (w *Words) Date(ms int64) string { return i18n.Date(w.Locale, w.at(ms)) }

// Day names a day as seen from today.
func (w *Words) Day(ms int64) string {
	return w.texts.Day(w.Locale, w.at(ms), w.Now.In(w.Zone))
}

// Ago is how long ago something was.
func (w *Words) Ago(ms int64) string {
	return w.texts.Ago(w.Locale, w.Now.Sub(time.UnixMilli(ms)))
}

// Number is n with the locale's grouping.
func (w *Words) Number(n int) string { return i18n.Number(w.Locale, n) }

func (w *Words) at(ms int64) time.Time { return time.UnixMilli(ms).In(w.Zone) }
