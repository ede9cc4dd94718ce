package web

import (
	"strconv"
	"strings"
	"time"

	"huiyin/app/attempts"
)

// chart is a picture of a rate over time with the number of attempts below, as coordinates of an SVG. Its labels stand in
// the picture; the table behind it says the same to screen readers.
type chart struct {
	Wide              bool
	Width, Height     int
	Left, Right       int // of the picture without the labels of the rates
	Lines             []chartLine
	Paths             []string // of the rate, parted where nobody ordered
	Dots              []chartDot
	Bars              []chartBar
	BarTop, BarBottom int
	Ticks             []chartTick
	Most              string // attempts of the highest bar
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

// chart draws a report.
func (p *successPage) chart(r *attempts.Report, wide bool) chart {
	c := chart{Wide: wide, Width: 324, Left: 40, Title: p.T("success.chart", "rate", countText(p.Words, r.Total).Rate, "attempts", p.Number(r.Total.All()))}
	if wide {
		c.Width = 840
	}
	c.Right, c.Height = c.Width-12, chartTop+chartRate+chartGap+chartCounts+chartFoot
	c.BarTop, c.BarBottom = chartTop+chartRate+chartGap, chartTop+chartRate+chartGap+chartCounts
	c.LabelY = c.Height - 6
	list := r.Parts
	for len(list) > 1 && list[len(list)-1].From.After(p.Now) {
		list = list[:len(list)-1]
	}
	floor, lowest, most := floorOf(list)
	for _, rate := range []int{100, (100 + floor) / 2, floor} {
		c.Lines = append(c.Lines, chartLine{c.y(float64(rate)/100, floor), strconv.Itoa(rate) + "%"})
	}
	step := float64(c.Right-c.Left) / float64(len(list))
	var path strings.Builder
	last := -1
	for i, part := range list {
		if part.All() == 0 {
			c.endPath(&path)
			continue
		}
		x, y := c.Left+int(step*(float64(i)+.5)), c.y(part.Rate(), floor)
		if path.Len() == 0 {
			path.WriteString("M")
		} else {
			path.WriteString("L")
		}
		path.WriteString(strconv.Itoa(x) + " " + strconv.Itoa(y))
		height := max(1, chartCounts*part.All()/max(most, 1))
		c.Bars = append(c.Bars, chartBar{c.Left + int(step*float64(i)+step*.1), c.BarBottom - height, max(1, int(step*.8)), height})
		last = i
	}
	c.endPath(&path)
	c.Most = p.T("success.most", "count", most)
	for _, i := range []int{lowest, last} {
		if i >= 0 && (i != lowest || len(c.Dots) == 0) {
			c.dot(c.Left+int(step*(float64(i)+.5)), list[i], floor, i == lowest && lowest != last)
		}
	}
	c.ticks(list, r.ByDay, step)
	return c
}

// y is the height of a rate.
func (c *chart) y(rate float64, floor int) int {
	part := (rate*100 - float64(floor)) / float64(100-floor)
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

// dot marks a point and says its rate.
func (c *chart) dot(x int, part attempts.Part, floor int, low bool) {
	d := chartDot{X: x, Y: c.y(part.Rate(), floor), TextX: x, Text: rateText(part.Rate()), Anchor: "middle", Low: low}
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

// floorOf finds where the scale begins (a multiple of ten below the lowest rate), the lowest part and the fullest. A part
// with a twentieth of the fullest's attempts tells nothing and is not marked as the lowest.
func floorOf(list []attempts.Part) (floor, lowest, most int) {
	for _, part := range list {
		most = max(most, part.All())
	}
	low, marked := 1.0, 1.1
	lowest = -1
	for i, part := range list {
		if part.All() == 0 {
			continue
		}
		low = min(low, part.Rate())
		if part.Rate() < marked && part.All()*20 >= most {
			lowest, marked = i, part.Rate()
		}
	}
	return min(90, int(low*10)*10), lowest, most
}

// ticks write days or hours under the picture, as many as have room.
func (c *chart) ticks(list []attempts.Part, byDay bool, step float64) {
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
