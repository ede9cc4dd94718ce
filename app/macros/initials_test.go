package macros

import (
	"slices"
	"strings"
	"testing"
)

func TestChineseTitlesAreTypedByTheirFirstLetters(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"退款": "tk", "退款 多久": "tkdj", "A4纸": "a4z", "长度": "zd cd", "Refund": "", "": "", "！？": "",
	} {
		got := Initials(title)
		for _, reading := range strings.Fields(want) {
			if !slices.Contains(got, reading) {
				t.Errorf("%q gives %q, want %q among them", title, got, reading)
			}
		}
		if want == "" && got != nil || want != "" && got[0] != strings.Fields(want)[0] {
			t.Errorf("%q gives %q, want %q first", title, got, want)
		}
	}
	if got := Initials(strings.Repeat("长还重行", 30)); len(got) > readingsMax || len(got[0]) > initialsMost {
		t.Errorf("a long title gives %d readings of %d letters", len(got), len(got[0]))
	}
}
