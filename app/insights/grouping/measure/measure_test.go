package measure_test

import (
	"math"
	"strings"
	"testing"

	"huiyin/app/insights/grouping/measure"
)

// Worked out by hand. "aabb" against "xxxy": cells 2,1,1 of n=4; MI = ½·ln(4·2/(2·3)) + ¼·ln(4/(2·3)) + ¼·ln(4/2)
// = .143841-.101366+.173287 = .215762; H(aabb) = ln 2 = .693147, H(xxxy) = ¾ln(4/3)+¼ln4 = .562335; NMI = .343711.
// Pairs: 1 both, 2 and 3 in each, 6 in all: ARI = (1-1)/(2.5-1) = 0.
// "aabbcc" against "xxxyyy": cells aax bx by ccy; MI = 2·⅓·ln(6·2/(2·3)) + 2·⅙·ln(6/(2·3)) = ⅔·ln 2 = .462098;
// mean of H = ln 3 and ln 2 = .895880; NMI = .515804. ARI = (2-3·6/15)/((3+6)/2-1.2) = .8/3.3 = .242424.
func TestAgreementAgainstFiguresWorkedOutByHand(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct {
		labels, groups   string
		nmi, ari, purity float64
	}{
		"the same, other names":          {"aabbcc", "zzxxyy", 1, 1, 1},
		"one group for all":              {"aabb", "xxxx", 0, 0, .5},
		"each by itself":                 {"aabb", "wxyz", 2. / 3, 0, 1}, // MI ln2, mean of ln2 and ln4
		"halves crossed":                 {"aabb", "xyxy", 0, -.5, .5},   // (0-4/6)/(2-4/6)
		"one text strays":                {"aabb", "xxxy", .343711, 0, .75},
		"three labels in two groups":     {"aabbcc", "xxxyyy", .515804, .242424, 4. / 6},
		"one label, one group":           {"aaa", "xxx", 1, 1, 1},
		"purity looks at the largest 20": {strings.Repeat("a", 4) + "bcdefghijklmnopqrstuv", "xxxxabcdefghijklmnopqrstu", 1, 1, 1},
	} {
		labels, groups := strings.Split(c.labels, ""), strings.Split(c.groups, "")
		for name, v := range map[string][2]float64{
			"NMI": {measure.NMI(labels, groups), c.nmi}, "ARI": {measure.ARI(labels, groups), c.ari},
			"purity": {measure.Purity(labels, groups, 20), c.purity},
		} {
			if math.Abs(v[0]-v[1]) > 1e-6 {
				t.Errorf("%s: %s is %.6f, want %.6f", rule, name, v[0], v[1])
			}
		}
	}
	// The larger group xx holds a and b, the smaller one y is not looked at.
	if got := measure.Purity([]string{"a", "b", "c"}, []string{"x", "x", "y"}, 1); got != .5 {
		t.Errorf("purity of the largest is %v, want .5", got)
	}
}

// Of 2·2 pairs one side of which is zh and the other en, a-a and b-b have the same label.
func TestPairsTogetherAreCountedByLabel(t *testing.T) {
	t.Parallel()
	same, different := measure.Together([]string{"a", "b"}, []string{"1", "2"}, []string{"a", "b"}, []string{"1", "1"})
	if same != .5 || different != .5 {
		t.Errorf("same %v, different %v; want .5 and .5", same, different)
	}
}
