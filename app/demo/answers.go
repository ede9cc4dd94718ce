package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// Opinion is what one of the shop's shoppers has answered in its form after an order.
type Opinion struct {
	Order, Locale string
	Shopper       string // the shop's id of her
	Name, Email   string
	Answers       map[string][]string
	At            time.Time
}

// Opinions is where the answers of the shop's past go; nil: nowhere.
type Opinions func(ctx context.Context, now time.Time, o Opinion) error

const (
	opinionDays = 27
	opinionsMax = 4 // a day
)

// what shoppers say beside a score, the worst scores first.
var said = map[string][5][]string{
	zh: {
		{"等了六天才发货，客服也没说一声。", "杯盖是裂的，漏了一包。"}, {"付款页转了好几圈，差点付了两次。", "快递把盒子压坏了。"},
		{"东西可以，就是优惠券没用上。", ""}, {"下单很快，包装再结实一点就好了。", ""}, {"颜色比图片还好看。", "从下单到收货都很顺。", ""},
	},
	en: {
		{"Six days until it shipped, and not a word.", "The lid was cracked."}, {"The payment page turned and turned. I nearly paid twice.", "The box came crushed."},
		{"Fine, but my coupon did not work.", ""}, {"Quick to order. A stronger box would help.", ""}, {"Even nicer than in the pictures.", "Smooth from start to finish.", ""},
	},
}

// fillOpinions answers the shop's form for the four weeks before now.
func (s *Shop) fillOpinions(ctx context.Context) error {
	if s.services.Opinions == nil {
		return nil
	}
	now, people := s.services.Now(), shoppers()
	rnd := rand.New(rand.NewPCG(s.services.Seed, 25)) //nolint:gosec // a sample, no secret
	n := 0
	for day := -opinionDays; day <= 0; day++ {
		begins := now.AddDate(0, 0, day)
		for range 1 + rnd.IntN(opinionsMax) {
			at := begins.Add(-time.Duration(rnd.IntN(20*60)) * time.Minute)
			p := people[rnd.IntN(len(people))]
			n++
			o := opinion(rnd, p, fmt.Sprintf("%s-8%03d", at.In(zone).Format("20060102"), n), at)
			if err := s.services.Opinions(ctx, at, o); err != nil {
				return fmt.Errorf("answer the shop's form: %w", err)
			}
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

// opinion makes up what somebody answers: most are content.
func opinion(rnd *rand.Rand, p shopper, order string, at time.Time) Opinion {
	stars := []int{5, 5, 5, 5, 5, 5, 4, 4, 4, 3, 3, 2, 1}[rnd.IntN(13)]
	o := Opinion{Order: order, Locale: p.locale, Shopper: p.id, Name: p.name, Email: p.email, At: at, Answers: map[string][]string{"ordering": {strconv.Itoa(stars)}}}
	if stars <= 3 {
		o.Answers["trouble"] = []string{[]string{"payment", "delivery", "price", "page"}[rnd.IntN(4)]}
	}
	texts := said[p.locale][stars-1]
	if text := texts[rnd.IntN(len(texts))]; text != "" && rnd.IntN(3) == 0 {
		o.Answers["more"] = []string{text}
	}
	return o
}
