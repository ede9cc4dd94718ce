package tickets

import "huiyin/tickets/fault"

// Position is where the chat's bubble stands in a shop's page, in CSS pixels from the page's edges.
type Position struct {
	Side string `json:"side"` // left or right
	X    int    `json:"x"`    // from that side
	Y    int    `json:"y"`    // from the bottom
}

// The sides of a page.
const (
	SideLeft  = "left"
	SideRight = "right"
)

// GapMax is how far from an edge the bubble may stand, in pixels.
const GapMax = 200

var usualPosition = Position{Side: SideRight, X: 20, Y: 20}

// BubblePosition is where the bubble stands: what was chosen, or the usual place.
func (i *InboxSettings) BubblePosition() Position {
	if i.Position == nil {
		return usualPosition
	}
	return *i.Position
}

// check refuses a place outside the page, all fields at once.
func (p *Position) check() error {
	if p == nil {
		return nil
	}
	e := fault.New(fault.Invalid, "error.invalid")
	if p.Side != SideLeft && p.Side != SideRight {
		e.Fields = append(e.Fields, fault.Field{Name: "position_side", Code: "invalid", Key: "error.inbox.side"})
	}
	for _, gap := range []struct {
		name string
		size int
	}{{"position_x", p.X}, {"position_y", p.Y}} {
		if gap.size < 0 || gap.size > GapMax {
			e.Fields = append(e.Fields, fault.Field{Name: gap.name, Code: "invalid", Key: "error.inbox.gap", Args: map[string]any{"max": GapMax}})
		}
	}
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}
