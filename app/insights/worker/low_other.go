//go:build !linux

package worker

import "syscall"

func withParent() *syscall.SysProcAttr { return nil }

// Low makes this process the last that gets the processor and the disk, where the system knows how.
func Low() {}
