package chat

import "time"

// Hurry lets the clocks run fifty times as fast. Before Run.
func (d *Desk) Hurry() { d.pace = pace{tick: 20 * time.Millisecond, silence: 1500 * time.Millisecond} }
