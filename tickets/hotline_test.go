package tickets_test

import (
	"testing"

	"huiyin/tickets"
)

func TestAHotlineIsDialledWithAPauseBeforeItsExtension(t *testing.T) {
	t.Parallel()
	for hotline, want := range map[string]string{
		"":                            "",
		"400-820-8820":                "tel:4008208820",
		"400-820-8820 转 8":            "tel:4008208820,8",
		"+86 21 5555 1234 转8":         "tel:+862155551234,8",
		"（":                           "",
		"(021) 5555 1234 分机 801":      "tel:02155551234,801",
		"+44 (0)20 7946 0000 ext. 12": "tel:+442079460000,12",
		"+44 20 7946 0000 x12":        "tel:+442079460000,12",
		"021 5555 1234/35":            "tel:02155551234",
		"*100#":                       "tel:*100%23",
	} {
		if got := tickets.DialURI(hotline); got != want {
			t.Errorf("%q: %q, want %q", hotline, got, want)
		}
	}
}
