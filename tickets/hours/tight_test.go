package hours_test

import (
	"testing"

	"huiyin/tickets/hours"
)

func TestADayHasNoSpaceBeforeItAndAClockHas(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"客服 明天 9:00 上班，预计 明天 9:20 前回复": "客服明天 9:00 上班，预计明天 9:20 前回复",
		"客服 9:00 上班":            "客服 9:00 上班",
		"Back tomorrow at 9:00": "Back tomorrow at 9:00",
	} {
		if got := hours.Tight(in); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
