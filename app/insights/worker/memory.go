package worker

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/shirou/gopsutil/v4/mem"
)

const (
	mib = 1 << 20
	// PlainUnder is the memory, in MiB, under which no Chinese dictionary is loaded, which takes over 200 while it loads, and
	// only a part of the texts is read.
	PlainUnder = 512
)

// Free is what this process may still take, in MiB: of the machine, and of the control groups that limit it.
func Free() int {
	free := math.MaxInt
	if m, err := mem.VirtualMemory(); err == nil {
		free = int(m.Available / mib)
	}
	if left, limited := groupsLeft("/sys/fs/cgroup", "/proc/self/cgroup"); limited {
		free = min(free, left/mib)
	}
	return free
}

// files are what a version of control groups calls its numbers.
type files struct{ most, used, stat, cache string }

var (
	version1 = files{"memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat", "total_inactive_file"}
	version2 = files{"memory.max", "memory.current", "memory.stat", "inactive_file"}
)

// groupsLeft is what the control groups of this process leave it, in bytes: of its own one and of all around it the least.
func groupsLeft(root, self string) (left int, limited bool) {
	left = math.MaxInt
	look := func(base, path string, f files) {
		for dir := filepath.Clean("/" + path); ; dir = filepath.Dir(dir) {
			if n, ok := f.left(filepath.Join(base, dir)); ok {
				left, limited = min(left, n), true
			}
			if dir == "/" {
				return
			}
		}
	}
	content, err := os.ReadFile(self) //nolint:gosec // /proc
	if err != nil {
		content = []byte("0::/\n1:memory:/\n")
	}
	for line := range strings.Lines(string(content)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(parts) < 3:
		case parts[1] == "":
			look(root, parts[2], version2)
		case strings.Contains(","+parts[1]+",", ",memory,"):
			look(filepath.Join(root, "memory"), parts[2], version1)
		}
	}
	return left, limited
}

// left is what a control group may still take; what it holds of files is given back when it is needed.
func (f files) left(dir string) (int, bool) {
	most, ok := number64(filepath.Join(dir, f.most))
	if !ok || most > math.MaxInt64/2 { // version 1 says no limit so
		return 0, false
	}
	used, ok := number64(filepath.Join(dir, f.used))
	if !ok {
		return 0, false
	}
	return max(0, most-max(0, used-f.cached(dir))), true
}

func (f files) cached(dir string) int {
	content, err := os.ReadFile(filepath.Join(dir, f.stat)) //nolint:gosec // of the system
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(content)) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), f.cache+" "); ok {
			n, _ := strconv.Atoi(n)
			return n
		}
	}
	return 0
}

func number64(path string) (int, bool) {
	content, err := os.ReadFile(path) //nolint:gosec // of the system
	if err != nil {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(content)))
	return n, err == nil // "max" is no limit
}
