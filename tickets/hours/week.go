package hours

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of a week.
const (
	RangesMax  = 6  // a day
	SpecialMax = 60 // special days
	LabelMax   = 40 // characters of a special day's label
	day        = Minute(24 * 60)
)

// Minute is a time on the wall, in minutes since midnight; 1440 is the midnight at the day's end. In JSON and text it is
// "09:00", and "24:00" for the end of the day.
type Minute int

// ParseMinute reads "9:00", "09:00" or "24:00"; a full-width colon is fine.
func ParseMinute(text string) (Minute, bool) {
	text = strings.ReplaceAll(strings.TrimSpace(text), "：", ":")
	h, m, ok := strings.Cut(text, ":")
	if !ok || len(h) == 0 || len(h) > 2 || len(m) != 2 {
		return 0, false
	}
	hour, err1 := strconv.ParseUint(h, 10, 8)
	minute, err2 := strconv.ParseUint(m, 10, 8)
	at := Minute(hour*60 + minute)
	return at, err1 == nil && err2 == nil && minute < 60 && at <= day
}

// String is the time as people write it.
func (m Minute) String() string { return fmt.Sprintf("%02d:%02d", int(m)/60, int(m)%60) }

// MarshalText is the form in JSON.
func (m Minute) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads the form in JSON.
func (m *Minute) UnmarshalText(text []byte) error {
	at, ok := ParseMinute(string(text))
	if !ok {
		return fmt.Errorf("hours: %q is no time of day", text)
	}
	*m = at
	return nil
}

// Range is one time of opening. One whose end is not after its beginning ends on the next day; 00:00–24:00 is a whole
// day.
type Range struct {
	From Minute `json:"from"`
	To   Minute `json:"to"`
}

// Length is how long the range lasts on the wall.
func (r Range) Length() Minute {
	if r.To > r.From {
		return r.To - r.From
	}
	return r.To + day - r.From
}

// PastMidnight tells whether the range ends on the next day.
func (r Range) PastMidnight() bool { return r.To <= r.From }

// Special is a date with hours of its own; without ranges the desk is closed.
type Special struct {
	Date   string  `json:"date"` // 2026-10-01
	Label  string  `json:"label,omitempty"`
	Ranges []Range `json:"ranges"`
}

// Week is the hours of one inbox. Days begin with Sunday, as time.Weekday does. The zero Week is always open.
type Week struct {
	Days    [7][]Range
	Special []Special
}

// names are the days in JSON.
var names = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

type weekJSON struct {
	Days    map[string][]Range `json:"days,omitempty"`
	Special []Special          `json:"special,omitempty"`
}

// MarshalJSON names the days: {"days": {"mon": [{"from": "09:00", "to": "18:00"}]}, "special": […]}.
func (w Week) MarshalJSON() ([]byte, error) {
	out := weekJSON{Special: w.Special}
	for i, ranges := range w.Days {
		if len(ranges) > 0 {
			if out.Days == nil {
				out.Days = map[string][]Range{}
			}
			out.Days[names[i]] = ranges
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads the form of MarshalJSON.
func (w *Week) UnmarshalJSON(data []byte) error {
	var in weekJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*w = Week{Special: in.Special}
	for name, ranges := range in.Days {
		i := slices.Index(names[:], name)
		if i < 0 {
			return fmt.Errorf("hours: %q is no day", name)
		}
		w.Days[i] = ranges
	}
	return nil
}

// Weekly tells whether the week has ranges; without any the desk is open around the clock.
func (w Week) Weekly() bool {
	return slices.ContainsFunc(w.Days[:], func(r []Range) bool { return len(r) > 0 })
}

// Problem is what is wrong with a week. Field names the place: day.1 (Monday), special.0.
type Problem struct {
	Field string
	Code  string // too_many, overlap, date, twice, label, range
}

// Check gives all that is wrong with a week.
func (w Week) Check() (out []Problem) {
	for i, ranges := range w.Days {
		if code := checkRanges(ranges); code != "" {
			out = append(out, Problem{"day." + strconv.Itoa(i), code})
		}
	}
	if len(w.Special) > SpecialMax {
		out = append(out, Problem{"special", "too_many"})
	}
	seen := map[string]bool{}
	for i, s := range w.Special {
		code := checkRanges(s.Ranges)
		if _, err := time.Parse(time.DateOnly, s.Date); err != nil {
			code = "date"
		} else if seen[s.Date] {
			code = "twice"
		} else if len([]rune(s.Label)) > LabelMax {
			code = "label"
		}
		seen[s.Date] = true
		if code != "" {
			out = append(out, Problem{"special." + strconv.Itoa(i), code})
		}
	}
	return out
}

// checkRanges finds ranges of one day that meet each other. A range of no length would be a whole day: it is written
// 00:00–24:00 instead.
func checkRanges(ranges []Range) string {
	if len(ranges) > RangesMax {
		return "too_many"
	}
	for i, a := range ranges {
		if a.From < 0 || a.From >= day || a.To < 0 || a.To > day || a.From == a.To {
			return "range"
		}
		for _, b := range ranges[:i] {
			if a.From < b.From+b.Length() && b.From < a.From+a.Length() {
				return "overlap"
			}
		}
	}
	return ""
}
