// Package spike says which groups of complaints have just risen, or are new, and why. It is arithmetic: no database, no clock.
//
// Complaints of a group are no coin tosses: one day of a campaign brings many, the next few. A rule that takes them for Poisson,
// or for normal ("mean and three standard deviations"), cries wolf several times a year in every group. So a day's count is
// taken as negative binomial, with what it varies beyond chance taken from the days before, the sum of three days is held
// against it, and a rise must also be large enough to matter: twice what is usual, and at least six tickets. Where a group
// has less than one ticket a day nothing can be seen in three days, and whole weeks are compared.
//
// With many groups some are unlikely by chance alone; of those that pass, the rule of Benjamini and Hochberg (J. R. Stat. Soc. B
// 57, 1995) keeps the part of false ones at 5 %.
package spike
