// Package quote finds what the sender of a mail wrote now, and what she only quotes or signs with.
//
// Nothing is ever deleted by it: who calls keeps the whole text, shows the reply and folds the rest. When in doubt, words stay:
// to lose a customer's words is worse than to show some of an older mail.
//
// Text looks at lines: quotation marks, the line by which a program introduces a quotation (attribution.go), headers of a
// quoted mail (headers.go), separators (separators.go), signatures. HTML looks for the elements in which programs wrap what they
// quote.
package quote
