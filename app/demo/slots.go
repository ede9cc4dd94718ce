package demo

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// slots are what the braces of one conversation stand for; they stay the same from its first line to its last.
type slots map[string]string

// newSlots chooses goods, order, courier and the rest for a conversation that begins at a time. who is nil for a
// visitor who is not signed in.
func newSlots(r *rand.Rand, s *scenario, who *shopper, start time.Time) (slots, good) {
	l := s.locale
	g := one(r, goodsOf(s.product))
	days := 3 + r.IntN(4)
	ordered := start.AddDate(0, 0, -days)
	price := g.price[l]
	courier := r.IntN(len(couriers[l]))
	v := slots{
		"product": g.name[l], "days": strconv.Itoa(days), "date": day(l, ordered), "later": day(l, start.AddDate(0, 0, 4+r.IntN(3))),
		"order":   fmt.Sprintf("%s-%02d", ordered.Format("20060102"), 10+r.IntN(89)),
		"amount":  strconv.Itoa(price * (1 + r.IntN(2))),
		"small":   strconv.Itoa(4 + r.IntN(9)),
		"unit":    strconv.Itoa(price * 3 / 4),
		"bulk":    strconv.Itoa(60 + 20*r.IntN(12)),
		"points":  strconv.Itoa(240 + r.IntN(1800)),
		"courier": couriers[l][courier], "courier2": couriers[l][(courier+1)%len(couriers[l])],
		"tracking": fmt.Sprintf("QH%09d", 100000000+r.IntN(899999999)),
		"city":     one(r, cities[l]), "colour": one(r, colours[l]), "part": one(r, parts[l]),
		"company": one(r, companies[l]), "coupon": one(r, coupons[l]),
		"tail": fmt.Sprintf("%04d", r.IntN(10000)), "surname": one(r, []string{"王", "刘", "高", "唐"}),
		"manager": staff[manager].short[l],
	}
	if who != nil {
		v["tail"], v["surname"] = who.phone[len(who.phone)-4:], who.surname
	}
	return v, g
}

// day writes a date as people do in a chat.
func day(locale string, t time.Time) string {
	if locale == zh {
		return t.Format("1月2日")
	}
	return t.Format("2 January")
}

// fill puts the values into a text. Small words (hi, thanks …) are chosen anew each time they come.
func (v slots) fill(r *rand.Rand, p phrases, text string) string {
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			return capital(text)
		}
		end := open + strings.IndexByte(text[open:], '}')
		name := text[open+1 : end]
		value, ok := v[name]
		if !ok {
			value = one(r, p[name])
		}
		text = text[:open] + value + text[end+1:]
	}
}

// capital begins a text with a capital letter: a slot may stand at its beginning.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if first >= 'a' && first <= 'z' {
		return strings.ToUpper(text[:size]) + text[size:]
	}
	return text
}

func one[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
