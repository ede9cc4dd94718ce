package worker

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheMemoryLeftIsTheLeastOfAllControlGroupsAround(t *testing.T) {
	t.Parallel()
	const m = mib
	for name, c := range map[string]struct {
		self  string
		files map[string]string
		left  int
		none  bool
	}{
		"version 2, at the root of a container": {"0::/\n", map[string]string{
			"memory.max": "1073741824", "memory.current": "314572800", "memory.stat": "anon 5\ninactive_file 104857600\n"}, 824 * m, false},
		"version 2, a limit above": {"0::/shop/desk\n", map[string]string{
			"shop/memory.max": "536870912", "shop/memory.current": "268435456", "shop/desk/memory.max": "max", "shop/desk/memory.current": "1"}, 256 * m, false},
		"version 2, its own limit is less": {"0::/shop/desk\n", map[string]string{
			"shop/memory.max": "536870912", "shop/memory.current": "0", "shop/desk/memory.max": "104857600", "shop/desk/memory.current": "94371840"}, 10 * m, false},
		"version 1": {"7:cpu:/x\n4:memory:/shop\n", map[string]string{
			"memory/shop/memory.limit_in_bytes": "524288000", "memory/shop/memory.usage_in_bytes": "524288000", "memory/shop/memory.stat": "total_inactive_file 52428800\n",
			"memory/memory.limit_in_bytes": "9223372036854771712", "memory/memory.usage_in_bytes": "1"}, 50 * m, false},
		"version 1 in a container, whose path is that of the host": {"4:memory:/docker/abc\n", map[string]string{
			"memory/memory.limit_in_bytes": "524288000", "memory/memory.usage_in_bytes": "0"}, 500 * m, false},
		"no limit": {"0::/\n", map[string]string{"memory.max": "max", "memory.current": "5"}, 0, true},
		"nothing":  {"", nil, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for file, content := range c.files {
				path := filepath.Join(root, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			self := filepath.Join(root, "self")
			if err := os.WriteFile(self, []byte(c.self), 0o600); err != nil {
				t.Fatal(err)
			}
			left, limited := groupsLeft(root, self)
			if limited == c.none || limited && left != c.left {
				t.Errorf("left %d MiB, limited %v; want %d, %v", left/m, limited, c.left/m, !c.none)
			}
		})
	}
}
