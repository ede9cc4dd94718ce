package apptest_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"huiyin/app/apptest"
)

// bare is a Debian with nothing but its base, in a folder, run as a machine of its own with 1 GiB of memory.
type bare struct {
	t    *testing.T
	root string
	init int // its process 1, as this machine numbers it

	group string // folder of the control group that bounds its memory
}

// readsAsShell holds the blocks that the long test runs against the shell's own reading of them.
func readsAsShell(t *testing.T, blocks map[string][]string) {
	t.Helper()
	for _, kind := range []string{"try", "try background", "service", "command", "upgrade"} {
		if len(blocks[kind]) == 0 {
			t.Errorf("docs/install.md has no block marked %q", kind)
		}
		for _, block := range blocks[kind] {
			cmd := exec.Command("bash", "-n")
			cmd.Stdin = strings.NewReader(block)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("a block marked %q is no shell: %v: %s", kind, err, out)
			}
		}
	}
}

// TestSoakABareDebianRunsTheReleaseAsInstallSays carries out the commands of docs/install.md as they are written there.
func TestSoakABareDebianRunsTheReleaseAsInstallSays(t *testing.T) {
	blocks := fenced(t)
	if os.Getenv("HUIYIN_SOAK") == "" { // a Debian takes minutes: here the commands are only read
		readsAsShell(t, blocks)
		return
	}
	if os.Getuid() != 0 {
		t.Skip("needs root: debootstrap and namespaces are refused to others (run the tests as root)")
	}
	files, b := release(t, "amd64"), newBare(t)
	for _, name := range []string{"huiyin-linux-amd64", "SHA256SUMS", "huiyin.service"} {
		if err := os.WriteFile(filepath.Join(b.root, "root", name), []byte(read(t, files, name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	// Look at it.
	for _, block := range blocks["try"][:1] {
		b.mustRun(block, "")
	}
	for _, block := range blocks["try background"] {
		b.enter(block, "").begin()
	}
	b.until("the desk is tried", func() bool { return b.enter(blocks["try"][1], "").try() == nil })
	if got := b.curl("-i", "http://127.0.0.1:8080/"); !strings.Contains(got, "303 See Other") || !strings.Contains(got, "/setup") {
		t.Errorf("the first visit: %s", got)
	}
	b.mustRun("kill -INT $(pidof huiyin)", "")
	b.until("it ends", func() bool { return b.enter("pidof huiyin", "").try() != nil })

	// The service, with HTTPS of its own; no CA can be reached from here, and it serves all the same.
	for _, block := range blocks["service"] {
		b.mustRun(block, "")
	}
	serves := func() bool { return strings.Contains(b.curl("-k", b.at(), "https://desk.example.com/readyz"), "ready") }
	b.until("the service serves", serves)
	if got := b.curl("-k", "-i", b.at(), "https://desk.example.com/setup"); !strings.Contains(got, "HTTP/2 200") || !strings.Contains(got, `name="code"`) {
		t.Errorf("the first page: %s", got)
	}
	if got := b.curl("-i", "--resolve", "desk.example.com:80:127.0.0.1", "http://desk.example.com/c/KEY"); !strings.Contains(got, "Location: https://desk.example.com/c/KEY") {
		t.Errorf("plain HTTP: %s", got)
	}
	b.until("the log says why there is no certificate", func() bool {
		return strings.Contains(b.mustRun("journalctl --unit huiyin", ""), "does not get through to the CA")
	})
	for _, block := range blocks["command"] {
		b.mustRun(block, "correct horse battery\n")
	}
	for _, block := range blocks["upgrade"] {
		b.mustRun(block, "")
	}
	b.until("the service serves again", serves)
	if got := b.curl("-k", "-i", b.at(), "https://desk.example.com/"); !strings.Contains(got, "/sign-in") {
		t.Errorf("the agent is lost: %s", got)
	}
	t.Logf("memory of the desk: %s", strings.Join(strings.Fields(b.mustRun("grep -h -E 'VmHWM|VmRSS' /proc/$(pidof huiyin)/status", "")), " "))
}

// fenced are the commands of docs/install.md, by the words after sh.
func fenced(t *testing.T) map[string][]string {
	t.Helper()
	blocks := map[string][]string{}
	for _, m := range regexp.MustCompile("(?ms)^```sh ([a-z ]+)\n(.*?)^```$").FindAllStringSubmatch(read(t, repository(t), "docs/install.md"), -1) {
		blocks[m[1]] = append(blocks[m[1]], m[2])
	}
	if len(blocks["try"]) != 2 || len(blocks["try background"]) != 1 || len(blocks["service"]) != 3 || len(blocks["command"]) != 1 || len(blocks["upgrade"]) != 1 {
		t.Fatalf("docs/install.md has other blocks than this test knows: %v", blocks)
	}
	return blocks
}

func newBare(t *testing.T) *bare {
	t.Helper()
	b := &bare{t: t, root: filepath.Join(t.TempDir(), "debian")}
	mirror, release := mirror(t)
	begun := time.Now()
	debootstrap := exec.Command(apptest.Program(t, "debootstrap"), "--variant=minbase", "--include=systemd-sysv", release, b.root, mirror)
	if out, err := debootstrap.CombinedOutput(); err != nil {
		t.Fatalf("debootstrap: %v\n%.2000s", err, out[max(0, len(out)-2000):])
	}
	t.Logf("debootstrap took %s", time.Since(begun).Round(time.Second))
	name := fmt.Sprintf("huiyin-bare-%d", os.Getpid())
	b.group = "/sys/fs/cgroup/" + name
	if _, err := os.Stat("/sys/fs/cgroup/memory"); err == nil {
		b.group = "/sys/fs/cgroup/memory/" + name
	}
	cmd := exec.Command("bash", filepath.Join("testdata", "bare.sh"), b.root, name)
	t.Cleanup(func() { // after the machine has ended: cleanups run backwards
		for _, kind := range []string{"", "memory", "unified"} {
			_ = os.Remove(filepath.Join("/sys/fs/cgroup", kind, name))
		}
	})
	run(t, filepath.Join(t.TempDir(), "boot"), cmd)
	b.until("the machine is up", func() bool {
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", cmd.Process.Pid))
		if err != nil {
			return false
		}
		if b.init, err = strconv.Atoi(strings.TrimSpace(string(children))); err != nil {
			return false
		}
		out, _ := b.enter("systemctl is-system-running", "").output()
		return strings.Contains(out, "running") || strings.Contains(out, "degraded")
	})
	return b
}

// mirror is where this machine gets its packages from, and the name of its Debian.
func mirror(t *testing.T) (address, release string) {
	t.Helper()
	out, err := exec.Command(apptest.Program(t, "apt-get"), "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)", "Created-By: Packages").Output()
	if err != nil {
		t.Fatalf("apt-get indextargets: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) == 3 && f[2] == "main" && !strings.Contains(f[1], "-") {
			return f[0], f[1]
		}
	}
	t.Fatal("apt knows no Debian")
	return "", ""
}

// entered is a script run in the bare machine, within its memory.
type entered struct {
	b   *bare
	cmd *exec.Cmd
}

func (b *bare) enter(script, stdin string) entered {
	within := "echo $$ >" + b.group + "/cgroup.procs; exec \"$@\""
	cmd := exec.Command("sh", "-euc", within, "sh", "nsenter", "--target", strconv.Itoa(b.init), "--mount", "--uts", "--ipc", "--net", "--pid", "--root",
		"--wd=/", "env", "-i", "HOME=/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-euc", "cd /root\n"+script)
	cmd.Stdin, cmd.Dir = strings.NewReader(stdin), "/"
	return entered{b, cmd}
}

func (e entered) try() error { return e.cmd.Run() }

func (e entered) output() (string, error) {
	out, err := e.cmd.CombinedOutput()
	return string(out), err
}

// begin lets the script run on until the machine ends.
func (e entered) begin() { e.b.t.Helper(); run(e.b.t, filepath.Join(e.b.t.TempDir(), "out"), e.cmd) }

func (b *bare) mustRun(script, stdin string) string {
	b.t.Helper()
	out, err := b.enter(script, stdin).output()
	if err != nil {
		b.t.Fatalf("%s\n%v: %s", script, err, out)
	}
	return out
}

// curl is this machine's, in the network of the bare one, which has none.
func (b *bare) curl(args ...string) string {
	b.t.Helper()
	var all []string
	for _, a := range args {
		all = append(all, strings.Fields(a)...)
	}
	cmd := exec.Command("nsenter", append([]string{"--target", strconv.Itoa(b.init), "--net", apptest.Program(b.t, "curl"), "-sS", "--max-time", "5", "--noproxy", "*"}, all...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run() // what it prints is looked at
	return out.String()
}

func (b *bare) at() string { return "--resolve desk.example.com:443:127.0.0.1" }

func (b *bare) until(what string, is func() bool) {
	b.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !is(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			log, _ := b.enter("journalctl --no-pager --lines 60", "").output()
			b.t.Fatalf("not within a minute: %s\n%s", what, log)
		}
	}
}
