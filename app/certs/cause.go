package certs

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
)

// Kinds of problems with ACME: what most likely keeps the CA from giving a certificate.
const (
	kindDirectory = "tls.acme.directory" // this machine does not reach the CA
	kindRate      = "tls.acme.rate"      // the CA has been asked too often
	kindTaken     = "tls.acme.taken"     // another program on this machine holds the port
	kindDNS       = "tls.acme.dns"       // the name does not lead anywhere
	kindElsewhere = "tls.acme.elsewhere" // the name leads to somebody else
	kindPort      = "tls.acme.port"      // the port cannot be reached
	kindFiling    = "tls.acme.filing"    // the hosting provider answers in the desk's place: no 备案 there
	kindOther     = "tls.acme.other"     // what the CA says
)

var acmeKinds = []string{kindDirectory, kindRate, kindTaken, kindDNS, kindElsewhere, kindPort, kindFiling, kindOther}

// causes finds out why there is no certificate.
type causes struct {
	lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	probe  func(ctx context.Context, host string, at netip.Addr) finding
	port   func() error // why the desk does not listen where the CA asks; nil when it does
}

// finding is what answered on the way that the CA takes.
type finding int

const (
	foundUs finding = iota
	foundNothing
	foundOther
	foundFiling
)

// find names the likely cause. What the CA says decides where only the CA can know; else the desk looks for itself.
func (c causes) find(ctx context.Context, host string, heard []said, orderErr error) Problem {
	args := map[string]string{"host": host, "detail": detail(heard, orderErr), "address": ""}
	problem := func(kind string) Problem { return Problem{kind, args} }
	switch {
	case says(heard, "rateLimited"):
		return problem(kindRate)
	case len(heard) > 0 && heard[len(heard)-1].Network:
		return problem(kindDirectory)
	case c.port() != nil:
		return problem(kindTaken)
	}
	addresses, err := c.lookup(ctx, host)
	var dns *net.DNSError
	if len(addresses) == 0 && (err == nil || errors.As(err, &dns)) || says(heard, "dns") {
		return problem(kindDNS)
	}
	found := foundUs
	for _, a := range addresses {
		args["address"] = a.String()
		if found = c.probe(ctx, host, a); found != foundUs {
			break
		}
	}
	switch {
	case found == foundFiling:
		return problem(kindFiling)
	case found == foundOther:
		return problem(kindElsewhere)
	case found == foundNothing, says(heard, "connection"), says(heard, "tls") && !says(heard, "unauthorized"):
		return problem(kindPort)
	}
	return problem(kindOther)
}

func says(heard []said, kind string) bool {
	return slices.ContainsFunc(heard, func(s said) bool { return s.Type == kind })
}

// detail is the last thing that the CA said, or the error as it is.
func detail(heard []said, err error) string {
	for _, s := range slices.Backward(heard) {
		if s.Detail != "" {
			return s.Detail
		}
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// lookupAddresses asks the machine's name service.
func lookupAddresses(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}
