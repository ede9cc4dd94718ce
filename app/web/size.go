package web

import (
	"fmt"
	"time"
)

// sizeText writes bytes as people say them, the same in both languages: 1.2 GB.
func sizeText(n uint64) string {
	const k = 1000
	for _, unit := range []struct {
		name string
		size uint64
	}{{"TB", k * k * k * k}, {"GB", k * k * k}, {"MB", k * k}, {"KB", k}} {
		if n >= unit.size {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(unit.size), unit.name)
		}
	}
	return fmt.Sprintf("%d B", n)
}

// secondsText writes a duration in seconds, with a tenth.
func secondsText(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }
