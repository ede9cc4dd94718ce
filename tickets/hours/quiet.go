package hours

import "time"

// Quiet is how long it is from now until the end of the quiet time between two minutes of the day, which may span
// midnight; zero when now is outside of it, or from and to are alike. The zone is now's.
func Quiet(from, to Minute, now time.Time) time.Duration {
	if from == to {
		return 0
	}
	minute := Minute(now.Hour()*60 + now.Minute())
	inside := minute >= from && minute < to
	if from > to {
		inside = minute >= from || minute < to
	}
	if !inside {
		return 0
	}
	y, m, d := now.Date()
	end := time.Date(y, m, d, 0, int(to), 0, 0, now.Location())
	if !end.After(now) {
		end = time.Date(y, m, d+1, 0, int(to), 0, 0, now.Location())
	}
	return end.Sub(now)
}
