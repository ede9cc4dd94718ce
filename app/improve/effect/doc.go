// Package effect says whether a change made a complaint rarer, and how sure that is. It is arithmetic: no database, no clock.
//
// # Who is counted
//
// Persons, not orders and not tickets: whoever complains three times has one bad experience, and orders of one person are no
// independent tries. A person is put into an arm of a trial once, by a hash, and stays there.
//
// # With an untreated arm
//
// If the change does nothing, each person who complains was put into the treated arm with the probability that the trial gives
// to everybody, its share: that is how she was assigned, before she knew of anything. So of those who complain, the treated are
// a binomial part with a known probability, whatever the complaint's rate does meanwhile: campaigns, seasons and a rise before
// the trial move both arms. If the change makes complaining r times as likely, the odds of that part are r times the odds of
// the share. The test is exact and needs no count of orders; orders only say how often per 1,000 it happens.
//
// The board is looked at every day, and a verdict may stop the trial. A confidence interval of the usual kind would be wrong in
// far more than 5 % of trials then. The interval here holds at all times at once: it keeps the values against which a mixture
// of alternatives, weighed by a beta distribution, does not win by 1/α (Ville 1939; Robbins, Ann. Math. Stat. 41, 1970;
// Howard, Ramdas, McAuliffe, Sekhon, Ann. Stat. 49, 2021). The beta distribution is fixed by the plan, before anything is
// counted: it is as wide as the fall that is hoped for.
//
// Plan tells how many persons have to complain, in both arms together, until a fall of the hoped size is seen with the power
// that is asked for. It counts through all ways in which a trial may go, so it is exact as well.
//
// # Before and after
//
// When everybody gets the change at once, weeks before are compared with weeks after. No statistics can tell then what the
// change did from what else happened: the best verdict is Fell, never Worked. Days that are unlike the others, campaigns and
// the rise for which the task was made, are left out: a group chosen because it had just risen falls by itself (Galton's
// regression to the mean). Weeks vary more than chance alone would let them, so the variance is taken from the weeks
// themselves (quasi-Poisson: McCullagh, Nelder, Generalized Linear Models, 1989, 6.2.3), and the interval again holds at all
// times, on the scale of information (Jennison, Turnbull, Group Sequential Methods, 2000, chapter 3).
package effect
