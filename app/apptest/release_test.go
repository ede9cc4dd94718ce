package apptest_test

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huiyin/app/apptest"
)

// release builds the committed state for one architecture out of a folder of its own, and gives the folder of the files.
func release(t *testing.T, archs ...string) string {
	t.Helper()
	dir := t.TempDir()
	source, out := filepath.Join(dir, "source"), filepath.Join(dir, "out")
	clone := exec.Command("git", "clone", "--quiet", "--shared", repository(t), source)
	if said, err := clone.CombinedOutput(); err != nil {
		t.Skipf("needs the git repository that the release is built from: git clone says %s", said)
	}
	cmd := exec.Command("bash", append([]string{filepath.Join(source, ".ci", "release.sh")}, archs...)...)
	cmd.Env = append(os.Environ(), "RELEASE_DIR="+out, "VERSION=v0.0.0-test")
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("release: %v\n%s", err, said)
	}
	if !strings.Contains(string(said), "MB") {
		t.Errorf("no sizes are said: %s", said)
	}
	return out
}

func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func TestAReleaseIsStaticStampedListedAndTheSameAgain(t *testing.T) {
	t.Parallel()
	first := release(t, "amd64")
	sums := read(t, first, "SHA256SUMS")
	if again := read(t, release(t, "amd64"), "SHA256SUMS"); again != sums {
		t.Errorf("two builds of one commit differ:\n%s\n%s", sums, again)
	}
	for _, name := range []string{"huiyin-linux-amd64", "huiyin.cdx.json", "huiyin.service", "nginx.conf", "Caddyfile"} {
		sum := sha256.Sum256([]byte(read(t, first, name)))
		if !strings.Contains(sums, hex.EncodeToString(sum[:])+"  "+name+"\n") {
			t.Errorf("SHA256SUMS does not hold for %s", name)
		}
	}
	mustBeStatic(t, filepath.Join(first, "huiyin-linux-amd64"))
	if said := output(t, "", filepath.Join(first, "huiyin-linux-amd64"), "version"); !strings.HasPrefix(said, "huiyin v0.0.0-test, commit ") || strings.Contains(said, "unknown") {
		t.Errorf("the program says %q", said)
	}
	var bom struct {
		Format     string `json:"bomFormat"`
		Spec       string `json:"specVersion"`
		Components []struct {
			Name string `json:"name"`
			URL  string `json:"purl"`
		} `json:"components"`
	}
	if err := json.Unmarshal([]byte(read(t, first, "huiyin.cdx.json")), &bom); err != nil || bom.Format != "CycloneDX" || bom.Spec == "" {
		t.Fatalf("the bill of materials: %+v, %v", bom, err)
	}
	listed := fmt.Sprint(bom.Components)
	for _, module := range []string{"github.com/labstack/echo/v4", "modernc.org/sqlite", "golang.org/x/crypto", "gorm.io/gorm"} {
		if !strings.Contains(listed, "pkg:golang/"+module+"@") {
			t.Errorf("%s is not listed", module)
		}
	}
	if strings.Contains(listed, "chromedp") {
		t.Error("what only tests use is listed")
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// mustBeStatic: nothing of the machine is needed to run the program.
func mustBeStatic(t *testing.T, file string) {
	t.Helper()
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			t.Errorf("%s wants a loader", file)
		}
	}
	if libs, err := f.ImportedLibraries(); err == nil && len(libs) > 0 {
		t.Errorf("%s wants %v", file, libs)
	}
}

// The image of the Dockerfile's last stage, as far as it can be had without a container engine: the program alone in an
// empty root, as the user of the file.
func TestTheImageNeedsNothingButItsFiles(t *testing.T) {
	t.Parallel()
	file := read(t, repository(t), "Dockerfile")
	for _, want := range []string{"FROM scratch\n", "USER 65532:65532\n", `CMD ["/huiyin", "health"]`, "CGO_ENABLED=0", "-trimpath", "VOLUME /data\n"} {
		if !strings.Contains(file, want) {
			t.Errorf("the Dockerfile lacks %q", want)
		}
	}
	goMod := read(t, repository(t), "go.mod")
	_, version, _ := strings.Cut(goMod, "\ngo ")
	if !strings.Contains(file, "FROM golang:"+strings.Join(strings.Split(version, ".")[:2], ".")+" AS build\n") {
		t.Error("the Dockerfile builds with another Go than go.mod names")
	}
	if os.Getuid() != 0 {
		t.Skip("needs root: chroot into an empty root is refused to others (run the tests as root)")
	}
	root := t.TempDir()
	for _, dir := range []string{root, filepath.Dir(root)} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"data", "tmp"} {
		if err := firstError(os.Mkdir(filepath.Join(root, dir), 0o700), os.Chown(filepath.Join(root, dir), 65532, 65532)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(apptest.Binary(t), filepath.Join(root, "huiyin")); err != nil {
		t.Fatal(err)
	}
	listen := apptest.FreeAddr(t)
	inside := func(args ...string) *exec.Cmd {
		cmd := exec.Command(apptest.Program(t, "chroot"), append([]string{"--userspec=65532:65532", root, "/huiyin"}, args...)...)
		cmd.Env = []string{"HUIYIN_DATA=/data", "HUIYIN_LISTEN=" + listen}
		return cmd
	}
	log := filepath.Join(t.TempDir(), "log")
	run(t, log, inside("serve"))
	for i := 0; ; i++ {
		out, err := inside("health").CombinedOutput()
		if err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
		if i == 100 {
			t.Fatalf("not healthy: %s\n%s", out, read(t, filepath.Dir(log), "log"))
		}
	}
}
