// Package certs gives the desk its certificates, when it speaks TLS itself: from two files that the operator renews
// (files.go) or from a CA by ACME, RFC 8555 (acme.go). app opens one Source, listens with its Config and lets it Run.
//
//	Files  reads the pair, looks every ten seconds whether it has changed, keeps the old one when the new one is bad
//	ACME   golang.org/x/crypto/acme/autocert, whose account, certificates and challenges lie sealed in the table
//	       acme_cache, so that all nodes have them; the node that holds the lease orders, the others wait for its row
//
// Visitors never make the desk order anything: until there is a certificate they meet one that the desk signed itself,
// and what comes to plain HTTP is led to HTTPS (redirect.go). When an order fails, cause.go asks the name service and
// the way to the desk's own port 80 why, and watch.go says it: in the log, as an alert and in State, which the settings
// show. Nothing here ends the desk once it serves.
//
// It owns the table acme_cache and one goroutine, Run.
package certs
