package insights

import (
	"fmt"
	"time"
)

// scanTime reads Unix milliseconds, or NULL, into a time.
type scanTime struct{ into **time.Time }

// Scan implements sql.Scanner.
func (s scanTime) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*s.into = nil
	case int64:
		*s.into = new(time.UnixMilli(v))
	default:
		return fmt.Errorf("insights: %T is no time", value)
	}
	return nil
}

// millis is a time as the database keeps it.
func millis(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UnixMilli()
}

// dayOf is the midnight of the shop before a time, in Unix ms.
func dayOf(t time.Time, zone *time.Location) int64 {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone).UnixMilli()
}
