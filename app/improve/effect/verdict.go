package effect

// Verdict is what can be said of a change, in one word.
type Verdict string

// The verdicts. Fell and Rose are said without an untreated arm: the cause is not shown.
const (
	Worked   Verdict = "worked"
	NoEffect Verdict = "no_effect" // none of the hoped size is there
	Worse    Verdict = "worse"
	TooEarly Verdict = "too_early"
	Fell     Verdict = "fell"
	Rose     Verdict = "rose"
)

// Result is a verdict with what it rests on.
type Result struct {
	Interval
	Verdict Verdict
	// More is how many persons more have to complain before a fall of the planned size would be seen, for TooEarly.
	More int
}

// Judge says what a trial shows today. It may be asked every day: over all days together Worked is said of a change that does
// nothing, or harm, with a chance of at most Level.
func (p Plan) Judge(a Arms) Result {
	out := Result{Interval: p.Interval(a), Verdict: TooEarly}
	switch {
	case out.High < 1:
		out.Verdict = Worked
	case out.Low > 1:
		out.Verdict = Worse
	case out.Low > 1-p.Fall || (p.Complainers > 0 && a.Sum() >= p.Complainers):
		out.Verdict = NoEffect
	default:
		out.More = max(p.Complainers-a.Sum(), 0)
	}
	return out
}
