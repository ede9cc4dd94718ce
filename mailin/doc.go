// Package mailin turns e-mail into tickets.
//
// Its leaves do the reading: eml parses any bytes, quote finds what was written now, plain turns HTML into text, safe makes HTML
// fit to be shown. None of them knows of the desk.
package mailin
