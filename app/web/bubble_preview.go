package web

import (
	"fmt"
	"strconv"

	"huiyin/tickets"
)

// The preview is a drawing of a shop's page, in CSS pixels, halved by the page that shows it.
const (
	previewWidth  = 640
	previewHeight = 400
	bubbleSize    = 56
	previewPanel  = 260 // width of the open panel's beginning
	usualColour   = "#0b6b53"
)

// bubblePreview is how the chat looks in a shop's page: drawn by the server for what is saved, and by
// js/elements/bubble-preview.js for what is being typed.
type bubblePreview struct {
	*Words
	Colour, Greeting       string
	Width, Height          int
	CX, CY                 int // middle of the bubble
	PanelX, PanelY, PanelW int
	Contrast               string
	Light                  bool // white text on it cannot be read
}

func newPreview(w *Words, value func(name string) string) bubblePreview {
	p := bubblePreview{Words: w, Width: previewWidth, Height: previewHeight, PanelW: previewPanel, Colour: value("colour"), Greeting: value("greeting")}
	if len(p.Colour) != len(usualColour) || p.Colour[0] != '#' {
		p.Colour = usualColour
	}
	if p.Greeting == "" {
		p.Greeting = w.T("widget.hello")
	}
	contrast := tickets.ContrastWithWhite(p.Colour)
	p.Contrast, p.Light = fmt.Sprintf("%.1f", contrast), contrast < tickets.ContrastMin
	x, y := gapOf(value("position_x")), gapOf(value("position_y"))
	p.CX, p.PanelX = previewWidth-x-bubbleSize/2, previewWidth-x-previewPanel
	if value("position_side") == tickets.SideLeft {
		p.CX, p.PanelX = x+bubbleSize/2, x
	}
	p.CY = previewHeight - y - bubbleSize/2
	p.PanelY = max(8, p.CY-bubbleSize/2-12-120)
	return p
}

// gapOf is a distance within the preview; what is none stands for 0.
func gapOf(text string) int {
	n, _ := strconv.Atoi(text)
	return min(max(n, 0), tickets.GapMax)
}
