package seal

import "time"

// With is a ring with one more master key, as a rotation makes it.
func (r *Ring) With(now time.Time) (*Ring, error) { return r.with(now) }

// Replace puts the ring in the place of a file, as a rotation does.
func (r *Ring) Replace(path string) error { return r.replace(path) }
