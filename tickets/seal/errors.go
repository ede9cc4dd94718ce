package seal

import "errors"

// What Seal and Open answer when a value cannot be sealed or read.
var (
	// ErrErased says that the value's data key is gone: its person was erased, and nobody can read the value again.
	ErrErased = errors.New("seal: the data key was erased")
	// ErrDamaged says that a value does not open: it was altered, cut, or moved from another row or column.
	ErrDamaged = errors.New("seal: the sealed value is damaged or stands in the wrong place")
	// ErrKeysMissing says that the database has lost the desk's own data keys, as a copy restored without its
	// FILE.keys has.
	ErrKeysMissing = errors.New("seal: the database lacks its data keys; restore it together with the newest FILE.keys")
)

// What can be wrong with a key ring; a *RingError carries one of them.
var (
	ErrRingMissing = errors.New("key ring is missing")
	ErrRingWrong   = errors.New("key ring is of another desk")
	ErrRingDamaged = errors.New("key ring is damaged")
	ErrRingExposed = errors.New("key ring is open to others")
)

// RingError says what is wrong with a key ring file and what to do, in one line for the operator. It never holds
// key material.
type RingError struct {
	Path   string
	Kind   error  // ErrRingMissing, ErrRingWrong, ErrRingDamaged, ErrRingExposed, or nil
	Detail string // what is wrong and what to do
	Err    error  // the cause, or nil
}

// Error is one line that names the file.
func (e *RingError) Error() string {
	s := "key ring " + e.Path + ": " + e.Detail
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the kind and the cause.
func (e *RingError) Unwrap() []error {
	var errs []error
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}
