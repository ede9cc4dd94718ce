package standing

import (
	"context"
	"time"

	"github.com/shirou/gopsutil/v4/mem"
	"github.com/shirou/gopsutil/v4/process"
)

// Node is a process that serves the desk.
type Node struct {
	Host    string
	Process int
	Since   time.Time
	Version string
	Here    bool     // the one that is asked
	Work    []string // names of the leases that it holds
}

// Alert is something that the administrators have been told and that is not over.
type Alert struct {
	Kind  string // disk.low
	Since time.Time
	Args  map[string]string
}

// State is what there is to know of a desk's health, for those who run it.
type State struct {
	Disk     Disk
	Problem  string // why nothing is taken in; empty: it is
	Memory   Memory
	Database int64 // bytes
	Dialect  string
	Schema   int64
	Version  string // program, commit, Go: "huiyin 1.2.0, commit 1a2b3c, go1.26 linux/amd64"
	Waiting  int64  // jobs due and not begun
	Given    int64  // jobs given up within the last week
	Behind   int64  // entries of the log that some reader has not read
	Nodes    []Node
	Alerts   []Alert
}

// Memory is the machine's and this process's, in bytes.
type Memory struct {
	Free, Total, Process uint64
}

// ReadMemory asks the system.
func ReadMemory(ctx context.Context, pid int) (Memory, error) {
	all, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return Memory{}, err
	}
	m := Memory{Free: all.Available, Total: all.Total}
	p, err := process.NewProcessWithContext(ctx, int32(pid)) //nolint:gosec // a process's number fits
	if err != nil {
		return m, err
	}
	own, err := p.MemoryInfoWithContext(ctx)
	if err != nil {
		return m, err
	}
	m.Process = own.RSS
	return m, nil
}
