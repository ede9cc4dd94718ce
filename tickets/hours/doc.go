// Package hours is the arithmetic of opening hours: a week of ranges, special days, a time zone. It is pure: no clock,
// no database, nothing of the desk.
//
// A range belongs to the day on which it begins and may run past midnight into the next one; a special day replaces the
// ranges that begin on its date, so a night shift that began the evening before still ends as planned. Ranges are times
// on the wall: where the clocks change, a day has an hour more or less and "9:00" stays nine o'clock.
//
// A week without any range is that of a desk which never closes; special days still count there.
package hours
