package certs

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Kinds of problems with the files.
const (
	kindUnreadable = "tls.files.unreadable"
	kindBroken     = "tls.files.broken"
	kindMismatch   = "tls.files.mismatch"
	kindExpired    = "tls.files.expired"
	kindName       = "tls.files.name"     // the certificate is for other names
	kindExpiring   = "tls.files.expiring" // it ends soon
)

// PairError is a certificate or key that cannot be used. Its text is one line that says what to do.
type PairError struct {
	Kind string // tls.files.…
	File string
	Say  string
	Err  error
}

// Error names the file and the mend.
func (e *PairError) Error() string { return e.Say }

// Unwrap gives the cause.
func (e *PairError) Unwrap() error { return e.Err }

// loadPair reads a certificate and its key and looks whether they can serve at a time. Errors: *PairError.
func loadPair(certFile, keyFile string, now time.Time) (*tls.Certificate, error) {
	certPEM, err := readPEM(certFile, "tls-cert", "CERTIFICATE")
	if err != nil {
		return nil, err
	}
	keyPEM, err := readPEM(keyFile, "tls-key", "PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, pairProblem(certFile, keyFile, err)
	}
	switch leaf := pair.Leaf; {
	case now.After(leaf.NotAfter):
		return nil, &PairError{Kind: kindExpired, File: certFile, Say: fmt.Sprintf(
			"the certificate in %s ended on %s: put a new one there, or let the desk get one by itself with --tls acme", certFile, day(leaf.NotAfter))}
	case now.Before(leaf.NotBefore):
		return nil, &PairError{Kind: kindExpired, File: certFile, Say: fmt.Sprintf(
			"the certificate in %s begins only on %s: look whether this machine's clock is right", certFile, day(leaf.NotBefore))}
	}
	return &pair, nil
}

func readPEM(file, flag, block string) ([]byte, error) {
	data, err := os.ReadFile(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, &PairError{Kind: kindUnreadable, File: file, Err: err, Say: fmt.Sprintf("there is no file %s: set --%s to the right one", file, flag)}
	case errors.Is(err, os.ErrPermission):
		return nil, &PairError{Kind: kindUnreadable, File: file, Err: err, Say: fmt.Sprintf("%s may not be read: let the user that runs the desk read it", file)}
	case err != nil:
		return nil, &PairError{Kind: kindUnreadable, File: file, Err: err, Say: fmt.Sprintf("%s cannot be read: %v; set --%s to a PEM file", file, errors.Unwrap(err), flag)}
	case !strings.Contains(string(data), "-----BEGIN ") || !strings.Contains(string(data), block):
		return nil, &PairError{Kind: kindBroken, File: file, Say: fmt.Sprintf("%s holds no %s in PEM form: set --%s to the file that does", file, strings.ToLower(block), flag)}
	}
	return data, nil
}

// pairProblem tells a key of another certificate from damage; crypto/tls has no error types for it.
func pairProblem(certFile, keyFile string, err error) error {
	if strings.Contains(err.Error(), "does not match") {
		return &PairError{Kind: kindMismatch, File: keyFile, Err: err, Say: fmt.Sprintf(
			"the key in %s does not belong to the certificate in %s: name the two files that were issued together; the desk's own certificate comes first in the chain", keyFile, certFile)}
	}
	return &PairError{Kind: kindBroken, File: certFile, Err: err, Say: fmt.Sprintf(
		"%s and %s cannot be used together: %v; the key must be PEM without a password", certFile, keyFile, err)}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
