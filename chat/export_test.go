package chat

import "time"

// Hurry lets the clocks run fifty times as fast. Before Run.
func (d *Desk) Hurry() { d.pace = pace{tick: 20 * time.Millisecond, silence: 1500 * time.Millisecond} }

// Busy takes every place at the database that is for reading; free gives them back.
func (d *Desk) Busy() (free func()) {
	for range cap(d.reads) {
		d.reads <- struct{}{}
	}
	return func() {
		for range cap(d.reads) {
			<-d.reads
		}
	}
}
