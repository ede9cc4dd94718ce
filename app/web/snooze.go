package web

import (
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

// snoozeView is a proposed time to take a ticket up again.
type snoozeView struct {
	At   int64
	Text string
}

const (
	morning      = 9  // o'clock, when the next day's snoozes end
	laterHours   = 3  // what "later today" means
	latestHour   = 22 // after it there is no "later today"
	dateTimeForm = "2006-01-02T15:04"
)

// snoozes are the times that the menu proposes, in the shop's zone: later today, tomorrow, next Monday.
func snoozes(w *Words) []snoozeView {
	now := w.Now.In(w.Zone)
	var out []snoozeView
	propose := func(at time.Time, key string) {
		out = append(out, snoozeView{at.UnixMilli(), w.T("console.snooze." + key)})
	}
	propose(now.Add(time.Hour).Truncate(5*time.Minute), "hour")
	if later := now.Add(laterHours * time.Hour).Truncate(30 * time.Minute); later.Day() == now.Day() && later.Hour() <= latestHour {
		propose(later, "later")
	}
	day := func(days int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, morning, 0, 0, 0, w.Zone)
	}
	propose(day(1), "tomorrow")
	untilMonday := (8 - int(now.Weekday())) % 7
	if untilMonday == 0 {
		untilMonday = 7
	}
	if untilMonday > 1 { // on a Sunday, tomorrow says it
		propose(day(untilMonday), "monday")
	}
	return out
}

// snooze puts the ticket off until a time: "until" in Unix ms, or "date" as the shop's clock shows it. Neither wakes it.
func (s *Server) snooze(c echo.Context) error {
	return s.change(c, func(a tickets.Actor, t *tickets.Ticket) error {
		until, err := s.snoozeUntil(c)
		if err == nil {
			_, err = s.Tickets.Snooze(c.Request().Context(), a, t.ID, until)
		}
		return err
	})
}

func (s *Server) snoozeUntil(c echo.Context) (*int64, error) {
	if date := c.FormValue("date"); date != "" {
		at, err := time.ParseInLocation(dateTimeForm, date, s.words(c).Zone)
		if err != nil {
			return nil, fault.InvalidField("date", "invalid", "web.error.date", nil)
		}
		ms := at.UnixMilli()
		return &ms, nil
	}
	text := c.FormValue("until")
	if text == "" {
		return nil, nil
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, fault.InvalidField("until", "invalid", "web.error.date", nil)
	}
	return &ms, nil
}
