//go:build !unix

package seal

// sameOwner has nothing to do where files take their owner from the folder.
func sameOwner(_, _ string) error { return nil }
