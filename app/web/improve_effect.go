package web

import (
	"strconv"
	"time"

	"huiyin/app/improve"
	"huiyin/app/improve/effect"
)

// effectView is what is known of a task's effect, in words.
type effectView struct {
	*Words
	Verdict  string
	Tone     string // of the tag
	Rates    string // 每千单 5.1 → 3.2 次
	Needs    string // what is still missing
	Basis    string // what was compared, in a sentence
	How      []string
	Warnings []string
	Others   []taskGroup // that rose meanwhile
	Answers  string
}

var verdictTones = map[effect.Verdict]string{
	effect.Worked: "good", effect.Fell: "accent", effect.Worse: "bad", effect.Rose: "warn",
}

// effect puts an effect into words; nil for none.
func (w *Words) effect(e *improve.Effect) *effectView {
	if e == nil {
		return nil
	}
	v := &effectView{Words: w, Verdict: w.T("improve.verdict." + string(e.Verdict)), Tone: verdictTones[e.Verdict], Basis: w.T("improve.basis." + e.Of)}
	if e.Before.Of > 0 && e.After.Of > 0 {
		v.Rates = w.T("improve.rate."+e.Unit, "before", w.rate(e.Before.PerMille(e.Unit)), "after", w.rate(e.After.PerMille(e.Unit)))
	}
	v.needs(e)
	v.how(e)
	if e.ShareOff {
		v.Warnings = append(v.Warnings, w.T("improve.warn.share"))
	}
	if e.OthersWorse {
		v.Warnings = append(v.Warnings, w.T("improve.warn.others_worse"))
	}
	if told := e.Fixed + e.Still; told > 0 {
		v.Answers = w.T("improve.answers", "count", told, "fixed", w.Number(e.Fixed), "still", w.Number(e.Still))
	}
	return v
}

// needs says how much is still missing until something can be said.
func (v *effectView) needs(e *improve.Effect) {
	if e.Verdict != effect.TooEarly || e.ShareOff {
		return
	}
	switch {
	case e.HarmOnly:
		v.Needs = v.T("improve.needs.harm")
	case e.MoreOrders > 0 && e.MoreWeeks > 0:
		v.Needs = v.T("improve.needs.weeks_orders", "count", e.MoreWeeks, "orders", v.Number(e.MoreOrders))
	case e.MoreOrders > 0:
		v.Needs = v.T("improve.needs.orders", "orders", v.Number(e.MoreOrders))
	case e.MoreWeeks > 0:
		v.Needs = v.T("improve.needs.weeks", "count", e.MoreWeeks)
	case e.More > 0:
		v.Needs = v.T("improve.needs.persons", "count", e.More)
	}
}

// how says what the verdict rests on.
func (v *effectView) how(e *improve.Effect) {
	say := func(key string, pairs ...any) { v.How = append(v.How, v.T("improve.how."+key, pairs...)) }
	say("counts_"+e.Of, "before", v.Number(e.Before.Persons), "before_of", v.Number(e.Before.Of), "after", v.Number(e.After.Persons), "after_of", v.Number(e.After.Of),
		"unit", v.T("improve.unit."+e.Unit), "from", v.date(e.From), "to", v.date(e.To), "weeks_before", e.WeeksBefore, "weeks_after", e.WeeksAfter)
	if e.Campaign+e.Rise > 0 {
		say("left_out", "campaign", e.Campaign, "rise", e.Rise)
	}
	switch {
	case e.High > 0 && e.Ratio > 0:
		say("interval", "ratio", ratioText(e.Ratio), "low", ratioText(e.Low), "high", ratioText(e.High))
	case e.Before.Persons+e.After.Persons > 0:
		say("interval_open", "low", ratioText(e.Low))
	}
	if e.Need > 0 {
		say("plan", "need", v.Number(e.Need), "power", percentText(e.Power), "share", e.Share, "have", v.Number(e.Before.Persons+e.After.Persons))
	}
	if e.Unknown > 0 {
		say("unknown", "count", e.Unknown)
	}
	say("always")
	if e.Of == improve.OfWeeks {
		say("cause")
	}
}

func ratioText(r float64) string { return strconv.FormatFloat(r, 'f', 2, 64) }

func percentText(part float64) string { return strconv.FormatFloat(part*100, 'f', 0, 64) }

// rate is a rate as short as it still differs.
func (w *Words) rate(r float64) string {
	if r >= 100 {
		return w.Number(int(r + 0.5))
	}
	return strconv.FormatFloat(r, 'f', 1, 64)
}

// date is a day of the shop in words.
func (w *Words) date(day string) string {
	at, err := time.ParseInLocation(time.DateOnly, day, w.Zone)
	if err != nil {
		return day
	}
	return w.Date(at.UnixMilli())
}
