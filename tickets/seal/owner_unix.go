//go:build unix

package seal

import (
	"os"
	"syscall"
)

// sameOwner gives the file at path the owner of the file like.
func sameOwner(like, path string) error {
	info, err := os.Stat(like)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || (int(st.Uid) == os.Geteuid() && int(st.Gid) == os.Getegid()) {
		return nil
	}
	return os.Chown(path, int(st.Uid), int(st.Gid))
}
