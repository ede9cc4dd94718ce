// Package eml reads e-mail: any bytes in, a Message out, never an error.
//
//	raw ─▶ headers, parts (header.go, tree.go) ─▶ envelope (message.go, address.go, word.go, date.go)
//	                                           ├▶ texts and files (collect.go, transfer.go, charset.go, uuencode.go, tnef.go)
//	                                           └▶ is it automatic, is it a bounce (auto.go, bounce.go)
//
// The standards (RFC 5322, 2045-2049, 2231, 3676, 3464, 5965) are where it begins; the mails of the world decide the rest:
// what is broken is read as its sender meant it, and the message says so in Defects. Every limit is in limits.go; what one
// mail costs does not grow faster than its size.
//
// Nothing here is safe to show: HTML is cleaned by mailin/safe, file names by whoever stores them.
package eml
