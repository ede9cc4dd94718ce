package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/tickets/fault"
	"huiyin/tickets/hours"
)

// weekForm is a week as a form holds it: texts, right or wrong, by the names of their inputs.
type weekForm struct {
	slots   int            // times a day
	day     [7][][2]string // from, to
	special []specialForm  // in the order of the rows
}

type specialForm struct {
	date, label string
	ranges      [][2]string
}

const (
	slotsUsual   = 2
	specialUsual = 2
	specialTimes = 2
)

// formOfWeek fills a form with a week.
func formOfWeek(week hours.Week) weekForm {
	w := weekForm{slots: slotsUsual}
	for i, ranges := range week.Days {
		w.slots = max(w.slots, len(ranges))
		w.day[i] = texts(ranges)
	}
	for _, one := range week.Special {
		w.special = append(w.special, specialForm{one.Date, one.Label, texts(one.Ranges)})
	}
	for len(w.special) < specialUsual {
		w.special = append(w.special, specialForm{})
	}
	return w
}

func texts(ranges []hours.Range) (out [][2]string) {
	for _, r := range ranges {
		out = append(out, [2]string{r.From.String(), r.To.String()})
	}
	return out
}

// sentWeek reads the form of a request.
func sentWeek(c echo.Context) weekForm {
	number := func(name string, usual, most int) int {
		n, err := strconv.Atoi(c.FormValue(name))
		if err != nil {
			return usual
		}
		return min(max(n, 1), most)
	}
	pairs := func(prefix string, n int) (out [][2]string) {
		for i := range n {
			name := fmt.Sprintf("%s-%d", prefix, i)
			out = append(out, [2]string{c.FormValue(name + "-from"), c.FormValue(name + "-to")})
		}
		return out
	}
	w := weekForm{slots: number("slots", slotsUsual, hours.RangesMax)}
	for i := range w.day {
		w.day[i] = pairs(fmt.Sprintf("d%d", i), w.slots)
	}
	for i := range number("rows", specialUsual, hours.SpecialMax) {
		prefix := fmt.Sprintf("s%d", i)
		w.special = append(w.special, specialForm{c.FormValue(prefix + "-date"), c.FormValue(prefix + "-label"), pairs(prefix, specialTimes)})
	}
	return w
}

// change does what a button of the form asks for.
func (w *weekForm) change(does string) {
	switch does {
	case "copy":
		for i := 2; i <= 5; i++ {
			w.day[i] = w.day[1]
		}
	case "copy_all":
		for i := range w.day {
			w.day[i] = w.day[1]
		}
	case "slot":
		w.slots = min(w.slots+1, hours.RangesMax)
	case "row":
		if len(w.special) < hours.SpecialMax {
			w.special = append(w.special, specialForm{})
		}
	}
}

// week reads the texts. What is no time is an error of its row; rows that are empty do not count.
func (w *weekForm) week() (week hours.Week, err error) {
	e := fault.New(fault.Invalid, "error.invalid")
	wrong := func(name string) {
		e.Fields = append(e.Fields, fault.Field{Name: name, Code: "range", Key: "error.hours.range"})
	}
	for i, pairs := range w.day {
		var ok bool
		if week.Days[i], ok = rangesOf(pairs); !ok {
			wrong("week.day." + strconv.Itoa(i))
		}
	}
	kept := w.special[:0:0]
	for _, one := range w.special {
		if strings.TrimSpace(one.date+one.label) == "" && empty(one.ranges) {
			continue
		}
		ranges, ok := rangesOf(one.ranges)
		if !ok {
			wrong("week.special." + strconv.Itoa(len(kept)))
		}
		kept = append(kept, one)
		week.Special = append(week.Special, hours.Special{Date: strings.TrimSpace(one.date), Label: strings.TrimSpace(one.label), Ranges: ranges})
	}
	for len(kept) < specialUsual {
		kept = append(kept, specialForm{})
	}
	w.special = kept // rows and the places of errors are counted alike
	if len(e.Fields) > 0 {
		return week, e
	}
	return week, nil
}

func empty(pairs [][2]string) bool {
	for _, p := range pairs {
		if strings.TrimSpace(p[0]+p[1]) != "" {
			return false
		}
	}
	return true
}

func rangesOf(pairs [][2]string) (out []hours.Range, ok bool) {
	for _, p := range pairs {
		if strings.TrimSpace(p[0]+p[1]) == "" {
			continue
		}
		from, ok1 := hours.ParseMinute(p[0])
		to, ok2 := hours.ParseMinute(p[1])
		if !ok1 || !ok2 {
			return nil, false
		}
		out = append(out, hours.Range{From: from, To: to})
	}
	return out, true
}

// days are the rows of the form, Monday first.
func (w *weekForm) days(f *form) (out []dayRow) {
	for n := 1; n <= 7; n++ {
		i := n % 7
		out = append(out, dayRow{
			Words: f.words, Place: "day-" + strconv.Itoa(i), Name: f.words.T("hours.day." + strconv.Itoa(i)), Ranges: inputs(fmt.Sprintf("d%d", i), w.day[i], w.slots),
			Wrong: f.wrong("week.day." + strconv.Itoa(i)),
		})
	}
	if i := slices.IndexFunc(out, func(r dayRow) bool { return r.Wrong != "" }); i >= 0 {
		out[i].FocusTimes = true
	}
	return out
}

// specials are the rows of special days. They come after the week, so a wrong day of the week has the focus first.
func (w *weekForm) specials(f *form) (out []specialRow) {
	for i, one := range w.special {
		prefix := fmt.Sprintf("s%d", i)
		out = append(out, specialRow{
			dayRow: dayRow{
				Words: f.words, Place: "special-" + strconv.Itoa(i), Name: f.words.T("console.hours.row", "n", i+1),
				Ranges: inputs(prefix, one.ranges, specialTimes), Wrong: f.wrong("week.special." + strconv.Itoa(i)),
			},
			DateName: prefix + "-date", Date: one.date, LabelName: prefix + "-label", Label: one.label,
		})
	}
	if i := slices.IndexFunc(out, func(r specialRow) bool { return r.Wrong != "" }); i >= 0 {
		out[i].FocusDate = true // of two with autofocus the browser takes the first
	}
	return out
}

func inputs(prefix string, pairs [][2]string, n int) (out []rangeInput) {
	for i := range n {
		name := fmt.Sprintf("%s-%d", prefix, i)
		in := rangeInput{FromName: name + "-from", ToName: name + "-to", N: i + 1}
		if i < len(pairs) {
			in.From, in.To = pairs[i][0], pairs[i][1]
		}
		out = append(out, in)
	}
	return out
}
