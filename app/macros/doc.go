// Package macros is what quick replies are outside the domain: the catalogue that browsers search while somebody types,
// and the files in which shops bring and take them. The quick replies themselves, their rights and rules are
// tickets/macro*.go.
//
// A file is a table whose header names the columns in Chinese or English (columns.go); app/sheet reads and writes it.
// Reading it writes nothing: the lines go to tickets.PlanMacros, which says what would happen with each.
package macros
