package main

import (
	"context"
	"os"
	"slices"
	"testing"
)

// TestMain makes this program the child that a desk of a test starts to group complaints.
func TestMain(m *testing.M) {
	if slices.Equal(os.Args[1:], []string{"insights", "worker"}) {
		os.Exit(run(context.Background(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}
