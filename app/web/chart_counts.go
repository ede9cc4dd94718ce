package web

import (
	"strconv"
	"strings"
	"time"
)

// countChart is a picture of how often something was, day by day or week by week, with marks of what was going on. Labels stand in
// the picture; the table behind it says the same to screen readers.
type countChart struct {
	Wide          bool
	Width, Height int
	Left, Right   int
	Top, Bottom   int // of the bars
	Lines         []chartLine
	Bars          []countBar
	Marks         []chartMark
	Says          []chartSay
	Ticks         []chartTick
	Title         string
	LabelY        int
}

// LabelX is where the labels of the counts end.
func (c countChart) LabelX() int { return c.Left - 6 }

// BandTop is where marked days begin, BandHeight how high they are.
func (c countChart) BandTop() int    { return countTop - 14 }
func (c countChart) BandHeight() int { return c.Bottom - c.BandTop() }

type countBar struct {
	chartBar
	High bool // part of what stood out
}

// chartMark are marked days: a band, or a line for a single moment.
type chartMark struct {
	X, Width     int
	Line         bool
	Text, Anchor string
	TextX, TextY int
}

type chartSay struct {
	X, Y         int
	Text, Anchor string
}

// countPoint is a part of the time.
type countPoint struct {
	From, To time.Time
	N        int
	High     bool
}

// Sizes of the picture.
const (
	countTop  = 44 // room for the names of marks
	countBars = 150
	countFoot = 24
	markLines = 2 // names of marks stand in so many lines
)

// drawCounts draws points.
func drawCounts(w *Words, list []countPoint, marks []insightMark, title string, wide bool) countChart {
	c := countChart{Wide: wide, Width: 324, Left: 34, Top: countTop, Bottom: countTop + countBars, Height: countTop + countBars + countFoot, Title: title}
	if wide {
		c.Width = 840
	}
	c.Right, c.LabelY = c.Width-8, c.Height-6
	if len(list) == 0 {
		return c
	}
	most, top := 0, 0
	for i, one := range list {
		if one.N > most {
			most, top = one.N, i
		}
	}
	scale := niceTop(most)
	for _, n := range []int{0, scale / 2, scale} {
		c.Lines = append(c.Lines, chartLine{c.y(n, scale), w.Number(n)})
	}
	step := float64(c.Right-c.Left) / float64(len(list))
	for i, one := range list {
		x := c.Left + int(step*float64(i)+step*.12)
		height := c.Bottom - c.y(one.N, scale)
		if one.N > 0 {
			height = max(height, 1)
		}
		c.Bars = append(c.Bars, countBar{chartBar{x, c.Bottom - height, max(1, int(step*.76)), height}, one.High})
	}
	c.marks(list, marks, step)
	c.say(list[top].N, top, scale, step, w)
	if last := len(list) - 1; last != top && (float64(last-top)*step > 40 || list[last].N*3 < list[top].N) {
		c.say(list[last].N, last, scale, step, w)
	}
	c.ticks(list, step)
	return c
}

// niceTop is an even number that reads well, at least as large as the largest count.
func niceTop(most int) int {
	for size := 1; ; size *= 10 {
		for _, n := range []int{2, 4, 6, 8, 10, 12, 16} {
			if n*size >= most {
				return n * size
			}
		}
	}
}

func (c *countChart) y(n, scale int) int { return c.Bottom - (n*countBars+scale/2)/scale }

// say writes a count over its bar.
func (c *countChart) say(n, at, scale int, step float64, w *Words) {
	s := chartSay{X: c.Left + int(step*(float64(at)+.5)), Y: c.y(n, scale) - 5, Text: w.Number(n), Anchor: "middle"}
	if s.X > c.Right-16 {
		s.X, s.Anchor = c.Right, "end"
	}
	c.Says = append(c.Says, s)
}

// marks draws bands and lines; a name that has no room is left to the list below the picture.
func (c *countChart) marks(list []countPoint, marks []insightMark, step float64) {
	first, end := list[0].From, list[len(list)-1].To
	ends := make([]int, markLines) // where the last name of each line ends
	for _, m := range marks {
		if !m.To.After(first) || !m.From.Before(end) {
			continue
		}
		x, until := c.place(list, m.From, step), c.place(list, m.To, step)
		one := chartMark{X: x, Width: max(2, until-x), Line: m.Release, TextX: x, Anchor: "start"}
		wide := textWidth(m.Title)
		if one.TextX+wide > c.Right {
			one.TextX, one.Anchor = c.Right, "end"
		}
		begin := one.TextX
		if one.Anchor == "end" {
			begin -= wide
		}
		for line := range ends {
			if begin >= ends[line] {
				ends[line], one.TextY, one.Text = begin+wide+8, 12+14*line, m.Title
				break
			}
		}
		c.Marks = append(c.Marks, one)
	}
}

// place is where a moment lies.
func (c *countChart) place(list []countPoint, at time.Time, step float64) int {
	for i, one := range list {
		if at.Before(one.To) {
			part := max(0, at.Sub(one.From).Hours()/one.To.Sub(one.From).Hours())
			return c.Left + int(step*(float64(i)+part))
		}
	}
	return c.Right
}

// textWidth is about how wide a label is: Chinese takes the room of two.
func textWidth(text string) (wide int) {
	for _, r := range text {
		if wide += 7; r > 0x2e80 {
			wide += 6
		}
	}
	return wide
}

// ticks write days under the picture, as many as have room.
func (c *countChart) ticks(list []countPoint, step float64) {
	every := 1
	for float64(every)*step < 46 {
		every++
	}
	for i := 0; i < len(list); i += every {
		x := c.Left + int(step*(float64(i)+.5))
		if x > c.Right-14 {
			break
		}
		c.Ticks = append(c.Ticks, chartTick{x, dayShort(list[i].From)})
	}
}

// spark is a trend as a small line with its last point; its words stand beside it.
type spark struct {
	Path, Tone string
	X, Y       int
}

const (
	sparkWidth, sparkHeight = 150, 36
	sparkEdge               = 4
)

// sparkOf draws a trend.
func sparkOf(trend []int, tone string) spark {
	most := 1
	for _, n := range trend {
		most = max(most, n)
	}
	var path strings.Builder
	s := spark{Tone: tone}
	for i, n := range trend {
		s.X = sparkEdge + (sparkWidth-2*sparkEdge)*i/max(1, len(trend)-1)
		s.Y = sparkHeight - sparkEdge - (sparkHeight-2*sparkEdge)*n/most
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		path.WriteString(letter + strconv.Itoa(s.X) + " " + strconv.Itoa(s.Y))
	}
	if s.Path = path.String(); len(trend) == 1 {
		s.X, s.Path = sparkWidth/2, ""
	}
	return s
}
