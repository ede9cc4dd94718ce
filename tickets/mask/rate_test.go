package mask_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"

	"huiyin/tickets/mask"
)

// Numbers as shops and couriers give them, drawn at random: a wrong mask would destroy them.
func TestOrdersAndParcelsAreSeldomMasked(t *testing.T) {
	t.Parallel()
	const n = 20_000
	digits := func(r *rand.Rand, n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(byte('0' + r.IntN(10)))
		}
		return b.String()
	}
	day := func(r *rand.Rand) time.Time {
		return time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.Int64N(int64(5 * 365 * 24 * time.Hour))))
	}
	tests := []struct {
		name string
		make func(r *rand.Rand) string
		most float64 // share that may be masked
	}{
		{"order of the day, 16 digits", func(r *rand.Rand) string { return day(r).Format("060102") + digits(r, 10) }, 0},
		{"order of the second, 18 digits", func(r *rand.Rand) string { return day(r).Format("20060102150405") + digits(r, 4) }, 0},
		{"拼多多", func(r *rand.Rand) string { return day(r).Format("060102") + "-" + digits(r, 15) }, 0},
		{"淘宝, 19 digits", func(r *rand.Rand) string { return fmt.Sprint(1+r.IntN(4)) + digits(r, 18) }, 0.0001},
		{"京东, 12 digits", func(r *rand.Rand) string { return digits(r, 12) }, 0},
		{"顺丰", func(r *rand.Rand) string { return "SF" + digits(r, 13) }, 0},
		{"圆通", func(r *rand.Rand) string { return "YT" + digits(r, 13) }, 0},
		{"韵达, 中通: 13 digits", func(r *rand.Rand) string { return digits(r, 13) }, 0},
		{"14 digits", func(r *rand.Rand) string { return digits(r, 14) }, 0},
		{"15 digits", func(r *rand.Rand) string { return digits(r, 15) }, 0.004},
		{"16 digits", func(r *rand.Rand) string { return digits(r, 16) }, 0.03},
		{"18 digits", func(r *rand.Rand) string { return digits(r, 18) }, 0.003},
		{"mobile number", func(r *rand.Rand) string { return "1" + digits(r, 10) }, 0},
		{"two mobile numbers", func(r *rand.Rand) string { return "1" + digits(r, 10) + " 1" + digits(r, 10) }, 0},
		{"milliseconds", func(r *rand.Rand) string { return fmt.Sprint(day(r).UnixMilli()) }, 0},
		{"microseconds", func(r *rand.Rand) string { return fmt.Sprint(day(r).UnixMicro()) }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 2))
			masked := 0
			for range n {
				if _, found := mask.Text("单号 "+tt.make(r)+" 到哪了", nil); len(found) > 0 {
					masked++
				}
			}
			if share := float64(masked) / n; share > tt.most {
				t.Errorf("%.4f of them were masked, want at most %.4f", share, tt.most)
			}
		})
	}
}

// The table of decimal digits is read by rows of ten.
func TestDecimalDigitsStandInRowsOfTen(t *testing.T) {
	t.Parallel()
	for _, r := range unicode.Nd.R16 {
		if r.Stride != 1 || (r.Hi-r.Lo+1)%10 != 0 {
			t.Errorf("range %U-%U of stride %d", r.Lo, r.Hi, r.Stride)
		}
	}
	for _, r := range unicode.Nd.R32 {
		if r.Stride != 1 || (r.Hi-r.Lo+1)%10 != 0 {
			t.Errorf("range %U-%U of stride %d", r.Lo, r.Hi, r.Stride)
		}
	}
}

// The longest message that the desk takes, in the forms that could be slow.
func TestLongTextsTakeNoLongerThanTheirLength(t *testing.T) {
	t.Parallel()
	const most = 10_000
	for name, unit := range map[string]string{
		"digits": "4", "digits and blanks": "4 ", "fours": "4111 ", "cards": "4111 1111 1111 1111 ", "dashes": "4-1",
		"wide": "４", "blanks": " ", "asterisks": "* ", "dates": "110105 19491231 ", "circled": "①", "address": "http://4111111111111111",
		"hints": "卡号 42222222 22222 ", "zero width": "4\u200b",
	} {
		text := strings.Repeat(unit, most/len([]rune(unit)))
		start := time.Now()
		mask.Text(text, nil)
		// a thousand times what it takes: a slow machine must not fail, a quadratic form must
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: %v", name, took)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{
		"4111 1111 1111 1111", "11010519491231002X", "６２１２３４５６７８９０１２３２", "\xff4111111111111111\xff", "**** 4111",
		"卡号 4222222222222", "4\u200b1", "https://x/4111111111111111",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, found := mask.Text(s, nil)
		if (len(found) == 0) != (got == s) {
			t.Errorf("Text(%q) = %q with %d found", s, got, len(found))
		}
		if a, b := len([]rune(got)), len([]rune(s)); a != b {
			t.Errorf("Text(%q) has %d characters, had %d", s, a, b)
		}
		if kept, found := mask.Text(s, func(string) bool { return true }); kept != s || found != nil {
			t.Errorf("Text(%q) that spares all = %q", s, kept)
		}
		for i, c := range []rune(got) {
			if was := []rune(s)[i]; c != was && (c != '*' || unicode.IsLetter(was) && !strings.ContainsRune("xXｘＸⅩⅹХх", was)) {
				t.Errorf("Text(%q) made %q of %q", s, c, was)
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	for name, s := range map[string]string{
		"message": "你好，我昨天下的订单 20260001 还没有发货，手机 13800138000，麻烦帮我看一下，谢谢！",
		"card":    "我的卡号是 4111 1111 1111 1111，请退到这张卡",
		"10000":   strings.Repeat("你好 4111 1111 1111 1111 订单 20260001 ", 270),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mask.Text(s, nil)
			}
		})
	}
}
