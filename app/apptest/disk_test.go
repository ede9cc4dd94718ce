package apptest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"huiyin/app/apptest"
)

// ballast fills the disk of a desk's folder until nothing goes on it, or until free bytes are left.
func ballast(t *testing.T, p *apptest.Process, free int64) (remove func()) {
	t.Helper()
	path := filepath.Join(p.Dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // the disk is full
	for block := make([]byte, 64<<10); err == nil; {
		var disk syscall.Statfs_t
		if err := syscall.Statfs(p.Dir, &disk); err != nil {
			t.Fatal(err)
		}
		if int64(disk.Bavail)*disk.Bsize <= free { //nolint:unconvert // not an int64 everywhere
			break
		}
		_, err = f.Write(block)
	}
	if err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}

// answer asks the desk for something and gives its status, when to come back, and the body.
func answer(t *testing.T, req *http.Request, client *http.Client) (status, retryAfter int, body string) {
	t.Helper()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	retryAfter, _ = strconv.Atoi(res.Header.Get("Retry-After")) // absent: 0
	return res.StatusCode, retryAfter, string(b)
}

func request(t *testing.T, method, address, bearer, kind, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	return req
}

// refusesClearly: every door through which something comes in says that it cannot be taken now, and when to come back.
func refusesClearly(t *testing.T, p *apptest.Process, session string) {
	t.Helper()
	ready := func() (int, string) {
		status, _, body := answer(t, request(t, "GET", p.Base()+"/readyz", "", "", ""), http.DefaultClient)
		return status, body
	}
	waitFor(t, "the desk sees its disk", func() bool { status, _ := ready(); return status == http.StatusServiceUnavailable })
	if _, body := ready(); !strings.Contains(body, "disk") {
		t.Errorf("/readyz does not name the disk: %s", body)
	}
	status, retry, body := answer(t, request(t, "POST", p.Base()+"/chat/v1/messages", session, "application/json", `{"id":"full-1","body":"is anybody there?"}`), http.DefaultClient)
	if status != http.StatusServiceUnavailable || retry < 1 || !strings.Contains(body, `"unavailable"`) {
		t.Errorf("a message: %d, come back in %d s: %s", status, retry, body)
	}
	form := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n"
	status, retry, body = answer(t, request(t, "POST", p.Base()+"/chat/v1/uploads", session, "multipart/form-data; boundary=x", form), http.DefaultClient)
	if status != http.StatusServiceUnavailable || retry < 1 {
		t.Errorf("a file: %d, come back in %d s: %s", status, retry, body)
	}
	once := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	signIn := url.Values{"email": {"wang@desk.example"}, "password": {"correct horse battery"}}.Encode()
	if status, _, body = answer(t, request(t, "POST", p.Base()+"/sign-in", "", "application/x-www-form-urlencoded", signIn), once); status != http.StatusSeeOther && status != http.StatusServiceUnavailable {
		t.Errorf("a colleague signs in: %d: %s", status, body)
	}
	if status, _, _ = answer(t, request(t, "GET", p.Base()+"/chat/v1/messages?after=0&wait=0", session, "", ""), http.DefaultClient); status != http.StatusOK {
		t.Errorf("the shopper cannot read: %d", status)
	}
}

// A desk whose disk is full, nearly or to the last byte, refuses what comes in clearly and keeps what it has; what
// shoppers wrote meanwhile arrives by itself, once and in order, when there is room.
func TestADeskOnAFullDiskRefusesAndGoesOnByItself(t *testing.T) {
	t.Parallel()
	p := apptest.NewProcess(t, "HUIYIN_LIMIT_SCALE=100")
	if err := syscall.Mount("tmpfs", p.Dir, "tmpfs", 0, "size=64m,mode=0700"); err != nil {
		apptest.Missing(t, "the right to mount a disk ("+err.Error()+")", "run as root")
	}
	t.Cleanup(func() {
		p.Kill()
		_ = syscall.Unmount(p.Dir, syscall.MNT_DETACH)
	})
	p.Start()
	key := p.AddInbox("Shop", map[string]any{})
	p.AddAgent("wang@desk.example", "王芳", "admin", "correct horse battery")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	shopper := apptest.NewClient(p.Base, key)
	if err := shopper.Start(ctx); err != nil {
		t.Fatal(err)
	}
	go shopper.Run(ctx)
	session := call[struct{ Session string }](t, p, "POST", "/chat/v1/sessions", "", map[string]any{"inbox": key, "locale": "en"}).Session
	acked := func(n int) {
		t.Helper()
		waitFor(t, strconv.Itoa(n)+" messages are acked", func() bool { _, acked, waiting, _ := shopper.State(); return len(acked) == n && waiting == 0 })
	}
	shopper.Send("before")
	acked(1)
	for i, free := range []int64{2 << 20, 0} {
		more := ballast(t, p, free)
		refusesClearly(t, p, session)
		shopper.Send("while it was full")
		waitFor(t, "the administrators are told", func() bool { return strings.Contains(p.Log(), "the disk of the data folder is low") })
		more()
		acked(2 + i)
	}
	p.Kill() // what is there is whole
	p.Start()
	waitFor(t, "the shopper is back and has taken what she was acked", func() bool {
		taken, acked, _, _ := shopper.State()
		own := 0
		for _, m := range taken {
			if _, mine := acked[m.ID]; mine {
				own++
			}
		}
		return own >= len(acked)
	})
	judgeShopper(ctx, t, p.Base, key, shopper)
	if out := p.Command("", "backup", filepath.Join(t.TempDir(), "after.huiyin")); !strings.Contains(out, "rows") {
		t.Errorf("a backup of it: %s", out)
	}
}

// The kernel makes a disk read-only when it fails. The desk refuses what comes in, lets people read, and works again
// after the disk was mended.
func TestADeskOnADiskThatBecomesReadOnlyRefusesClearly(t *testing.T) {
	t.Parallel()
	p := apptest.NewProcess(t, "HUIYIN_LIMIT_SCALE=100")
	image := filepath.Join(t.TempDir(), "image")
	disk := failingDisk(t, image, p.Dir)
	t.Cleanup(p.Kill) // before the disk goes
	p.Start()
	key := p.AddInbox("Shop", map[string]any{})
	p.AddAgent("wang@desk.example", "王芳", "admin", "correct horse battery")
	session := call[struct{ Session string }](t, p, "POST", "/chat/v1/sessions", "", map[string]any{"inbox": key, "locale": "en"}).Session
	call[struct{ Seq int64 }](t, p, "POST", "/chat/v1/messages", session, map[string]any{"id": "a", "body": "before"})
	disk.fail(t)
	refusesClearly(t, p, session)
	p.Kill()
	fails(t, p, "read-only", "serve")
	disk.mend(t)
	p.Start()
	if ack := call[struct{ Seq int64 }](t, p, "POST", "/chat/v1/messages", session, map[string]any{"id": "b", "body": "after"}); ack.Seq != 2 {
		t.Errorf("the next message has the place %d, want 2", ack.Seq)
	}
}

// failing is a disk of its own that can be made to fail.
type failing struct{ image, dir, device string }

// failingDisk puts a file system that becomes read-only after an error on dir.
func failingDisk(t *testing.T, image, dir string) *failing {
	t.Helper()
	f := &failing{image: image, dir: dir}
	if os.Getuid() != 0 {
		apptest.Missing(t, "the right to mount a disk", "run as root")
	}
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, 512<<20); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(apptest.Program(t, "mkfs.ext4"), "-q", image).CombinedOutput(); err != nil {
		t.Fatalf("mkfs.ext4: %v: %s", err, out)
	}
	f.mount(t)
	t.Cleanup(func() { _ = exec.Command("umount", "--lazy", f.dir).Run() })
	return f
}

func (f *failing) mount(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("mount", "-o", "loop,errors=remount-ro", f.image, f.dir).CombinedOutput(); err != nil {
		apptest.Missing(t, "a loop device ("+strings.TrimSpace(string(out))+")", "run as root where loop devices are")
	}
	out, err := exec.Command("findmnt", "--noheadings", "--output", "SOURCE", f.dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	f.device = filepath.Base(strings.TrimSpace(string(out)))
}

// fail lets the kernel find an error on the disk.
func (f *failing) fail(t *testing.T) {
	t.Helper()
	if err := os.WriteFile("/sys/fs/ext4/"+f.device+"/trigger_fs_error", []byte("tried by a test"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// mend checks the disk and puts it back, as an operator does.
func (f *failing) mend(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("umount", f.dir).CombinedOutput(); err != nil {
		t.Fatalf("umount: %v: %s", err, out)
	}
	_ = exec.Command("e2fsck", "-fy", f.image).Run() // 1: errors were mended
	f.mount(t)
}
