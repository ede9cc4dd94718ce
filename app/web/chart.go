package web

import (
	"math"
	"strconv"
	"strings"
	"time"

	"huiyin/app/attempts"
)

// chart is a picture of a rate or score over time with the number of attempts or answers below, as coordinates of an SVG. Its labels stand in
// the picture; the table behind it says the same to screen readers.
type chart struct {
	Wide              bool
	Width, Height     int
	Left, Right       int // of the picture without the labels of the rates
	Lines             []chartLine
	Paths             []string // of the values, parted where there is none
	Dots              []chartDot
	Bars              []chartBar
	BarTop, BarBottom int
	Ticks             []chartTick
	Most              string // what the highest bar counts
	Title             string
	LabelY            int
}

type chartLine struct {
	Y    int
	Text string
}

// TextY is where the label of a line stands.
func (l chartLine) TextY() int { return l.Y + 4 }

// LabelX is where the labels of the rates end, MostY where the number of attempts stands.
func (c chart) LabelX() int { return c.Left - 6 }

// MostY is where the number of attempts of the highest bar stands.
func (c chart) MostY() int { return c.BarTop - 5 }

type chartDot struct {
	X, Y, TextX, TextY int
	Text, Anchor       string
	Low                bool
}

type chartBar struct{ X, Y, Width, Height int }

type chartTick struct {
	X    int
	Text string
}

// Sizes of the picture: one for a wide screen, one for a phone.
const (
	chartTop    = 26
	chartRate   = 150 // height of the rates
	chartGap    = 18
	chartCounts = 40 // height of the bars
	chartFoot   = 24
)

// chartPoint is what was measured in a part of the time, and of how many; N 0: nothing.
type chartPoint struct {
	From  time.Time
	N     int
	Value float64 // at most 100
}

// chartScale says how values are shown.
type chartScale struct {
	Least, Step int // the lowest value that there can be; the picture's floor is a multiple of Step
	Axis        func(value int) string
	Text        func(value float64) string
	Most        string // key of the words for the highest bar's count
	ByDay       bool
	Joined      bool // the line goes on over parts without a value
}

// chart draws a report of attempts.
func (p *successPage) chart(r *attempts.Report, wide bool) chart {
	list := r.Parts
	for len(list) > 1 && list[len(list)-1].From.After(p.Now) {
		list = list[:len(list)-1]
	}
	points := make([]chartPoint, len(list))
	for i, part := range list {
		points[i] = chartPoint{part.From, part.All(), part.Rate() * 100}
	}
	c := drawChart(p.Words, points, chartScale{
		Step: 10, ByDay: r.ByDay, Most: "success.most", Axis: func(value int) string { return strconv.Itoa(value) + "%" },
		Text: func(value float64) string { return rateText(value / 100) },
	}, wide)
	c.Title = p.T("success.chart", "rate", countText(p.Words, r.Total).Rate, "attempts", p.Number(r.Total.All()))
	return c
}

// drawChart draws points; the caller gives the title.
func drawChart(w *Words, list []chartPoint, s chartScale, wide bool) chart {
	c := chart{Wide: wide, Width: 324, Left: 40}
	if wide {
		c.Width = 840
	}
	c.Right, c.Height = c.Width-12, chartTop+chartRate+chartGap+chartCounts+chartFoot
	c.BarTop, c.BarBottom = chartTop+chartRate+chartGap, chartTop+chartRate+chartGap+chartCounts
	c.LabelY = c.Height - 6
	floor, lowest, most := floorOf(list, s)
	for _, value := range []int{100, (100 + floor) / 2, floor} {
		c.Lines = append(c.Lines, chartLine{c.y(float64(value), floor), s.Axis(value)})
	}
	step := float64(c.Right-c.Left) / float64(len(list))
	var path strings.Builder
	last := -1
	for i, part := range list {
		if part.N == 0 {
			if !s.Joined {
				c.endPath(&path)
			}
			continue
		}
		x, y := c.Left+int(step*(float64(i)+.5)), c.y(part.Value, floor)
		if path.Len() == 0 {
			path.WriteString("M")
		} else {
			path.WriteString("L")
		}
		path.WriteString(strconv.Itoa(x) + " " + strconv.Itoa(y))
		height := max(1, chartCounts*part.N/max(most, 1))
		c.Bars = append(c.Bars, chartBar{c.Left + int(step*float64(i)+step*.1), c.BarBottom - height, max(1, int(step*.8)), height})
		last = i
	}
	c.endPath(&path)
	c.Most = w.T(s.Most, "count", most)
	for _, i := range []int{lowest, last} {
		if i >= 0 && (i != lowest || len(c.Dots) == 0) {
			c.dot(c.Left+int(step*(float64(i)+.5)), c.y(list[i].Value, floor), s.Text(list[i].Value), i == lowest && lowest != last)
		}
	}
	c.ticks(list, s.ByDay, step)
	return c
}

// y is the height of a value.
func (c *chart) y(value float64, floor int) int {
	part := (value - float64(floor)) / float64(100-floor)
	return chartTop + chartRate - int(part*chartRate+.5)
}

// endPath closes a piece of the line; a piece of one point is a short dash.
func (c *chart) endPath(path *strings.Builder) {
	if path.Len() > 0 {
		text := path.String()
		if !strings.Contains(text, "L") {
			text += "h1"
		}
		c.Paths = append(c.Paths, text)
		path.Reset()
	}
}

// dot marks a point and says its value.
func (c *chart) dot(x, y int, text string, low bool) {
	d := chartDot{X: x, Y: y, TextX: x, Text: text, Anchor: "middle", Low: low}
	if d.TextY = d.Y - 9; low && d.Y < chartTop+chartRate-20 {
		d.TextY = d.Y + 19
	}
	if x > c.Right-24 {
		d.Anchor, d.TextX = "end", c.Right
	} else if x < c.Left+24 {
		d.Anchor, d.TextX = "start", c.Left
	}
	c.Dots = append(c.Dots, d)
}

// floorOf finds where the scale begins (a multiple of the step below the lowest value), the lowest part and the fullest. A part
// with a twentieth of the fullest's number tells nothing and is not marked as the lowest.
func floorOf(list []chartPoint, s chartScale) (floor, lowest, most int) {
	for _, part := range list {
		most = max(most, part.N)
	}
	low, marked := 100.0, 101.0
	lowest = -1
	for i, part := range list {
		if part.N == 0 {
			continue
		}
		low = min(low, part.Value)
		if part.Value < marked && part.N*20 >= most {
			lowest, marked = i, part.Value
		}
	}
	return max(s.Least, min(100-s.Step, int(math.Floor(low/float64(s.Step)))*s.Step)), lowest, most
}

// ticks write days or hours under the picture, as many as have room.
func (c *chart) ticks(list []chartPoint, byDay bool, step float64) {
	room := 44.0
	every := 1
	for float64(every)*step < room {
		every++
	}
	if !byDay {
		for _, nice := range []int{1, 2, 3, 4, 6, 8, 12, 24} {
			if every <= nice {
				every = nice
				break
			}
		}
	}
	for i := 0; i < len(list); i += every {
		x := c.Left + int(step*(float64(i)+.5))
		if x > c.Right-14 {
			break
		}
		text := list[i].From.Format("15:04")
		if byDay || list[i].From.Hour() == 0 && len(list) > 24 {
			text = dayShort(list[i].From)
		}
		c.Ticks = append(c.Ticks, chartTick{x, text})
	}
}

func dayShort(at time.Time) string {
	return strconv.Itoa(int(at.Month())) + "/" + strconv.Itoa(at.Day())
}
