// Package words reads a text the way the grouping needs it: its normal form, its language, its clauses and its tokens.
//
// It holds no state but the Chinese dictionary, which is loaded when the first Chinese text comes and is gone with the
// Dictionary: it takes seconds and some 200 MB. A Reader without a dictionary reads Chinese as overlapping pairs of
// characters, which needs neither.
package words
