// Package mailtest starts real mail servers for tests, on ports and in folders of their own: Dovecot, which keeps mails, and Postfix
// before it, which carries them. Nothing of the machine's own mail is touched, and nothing leaves the machine.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// Dovecot is a running IMAP server. Everybody's password is Password.
type Dovecot struct {
	Plain, Secure int // ports: without TLS but with STARTTLS, and with TLS
	Pool          *x509.CertPool
	t             testing.TB
	dir, binary   string
	cmd           *exec.Cmd
	delivered     atomic.Int64
	carrier       *carrier // nil: no Postfix stands before it
}

// carrier is what Postfix needs of a Dovecot.
type carrier struct {
	auth, lmtp int // ports: where passwords are checked, and where mails are delivered
	plus       bool
}

// Password is everybody's.
const Password = "a-pass-word"

// StartDovecot starts a server; a test without Dovecot on its machine is passed over, or fails where every program is required.
func StartDovecot(t testing.TB) *Dovecot {
	t.Helper()
	return startDovecot(t, nil)
}

func startDovecot(t testing.TB, c *carrier) *Dovecot {
	t.Helper()
	d := &Dovecot{
		t: t, dir: shortDir(t, "dovecot"), Plain: FreePort(t), Secure: FreePort(t), carrier: c,
		binary: program(t, "Dovecot", "dovecot-imapd", "/usr/sbin/dovecot", "/usr/local/sbin/dovecot"),
	}
	d.certificate()
	d.makeDir(filepath.Join(d.dir, "mail"))
	d.write("nobody", "") // Dovecot wants one list of people to be asked about whoever the other leaves out
	d.write("dovecot.conf", d.config())
	d.Start()
	t.Cleanup(d.Stop)
	return d
}

// program finds a program, or passes the test over, or fails it where every program is required.
func program(t testing.TB, name, pkg string, paths ...string) string {
	t.Helper()
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	if os.Getenv("HUIYIN_TEST_REQUIRED") != "" {
		t.Fatalf("%s is not here (package %s)", name, pkg)
	}
	t.Skipf("%s is not here (package %s)", name, pkg)
	return ""
}

// shortDir is a folder whose path is short enough for sockets, and open to the server's other users.
func shortDir(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // its helpers run as other users
		t.Fatal(err)
	}
	return dir
}

func (d *Dovecot) write(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(text), 0o644); err != nil { //nolint:gosec // its helpers run as other users
		d.t.Fatal(err)
	}
}

// certificate makes one for localhost.
func (d *Dovecot) certificate() {
	d.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		d.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		d.t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		d.t.Fatal(err)
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
	d.write("cert.pem", string(chain))
	d.write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	d.Pool = x509.NewCertPool()
	d.Pool.AppendCertsFromPEM(chain)
}

// TLS trusts the server's certificate.
func (d *Dovecot) TLS() *tls.Config {
	return &tls.Config{RootCAs: d.Pool, ServerName: "localhost", MinVersion: tls.VersionTLS12}
}

func (d *Dovecot) config() string {
	me, err := user.Current()
	if err != nil {
		d.t.Fatal(err)
	}
	uid, gid, internal := me.Uid, me.Gid, me.Username
	if uid == "0" {
		uid, gid, internal = "65534", "65534", "nobody"
	}
	return fmt.Sprintf(`base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
protocols = imap
listen = 127.0.0.1
default_internal_user = %[2]s
default_internal_group = nogroup
default_login_user = %[2]s
first_valid_uid = 1
ssl = yes
ssl_cert = <%[1]s/cert.pem
ssl_key = <%[1]s/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:%[1]s/mail/%%u
mail_max_userip_connections = 200
passdb {
  driver = passwd-file
  args = %[1]s/nobody
}
passdb {
  driver = static
  args = password=%[7]s
  username_filter = %[8]s
}
userdb {
  driver = static
  args = uid=%[3]s gid=%[4]s home=%[1]s/mail/%%u
}
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[5]d
  }
  inet_listener imaps {
    port = %[6]d
    ssl = yes
  }
}
service imap {
  process_limit = 200
}
namespace inbox {
  inbox = yes
  separator = /
}
`, d.dir, internal, uid, gid, d.Plain, d.Secure, Password, d.known()) + d.carrierConfig()
}

// known says who exists: everybody, or with Postfix before it everybody but those whose name begins with Nobody.
func (d *Dovecot) known() string {
	switch {
	case d.carrier == nil:
		return ""
	case d.carrier.plus:
		return "!" + Nobody + "*"
	}
	return "!" + Nobody + "* !*+*"
}

// carrierConfig lets Postfix ask for passwords and deliver.
func (d *Dovecot) carrierConfig() string {
	if d.carrier == nil {
		return ""
	}
	delimiter := ""
	if d.carrier.plus {
		delimiter = "+"
	}
	return fmt.Sprintf(`protocols = imap lmtp
postmaster_address = postmaster@localhost
recipient_delimiter = %[1]s
service auth {
  inet_listener {
    port = %[2]d
  }
}
service lmtp {
  inet_listener lmtp {
    port = %[3]d
  }
}
`, delimiter, d.carrier.auth, d.carrier.lmtp)
}

// Start starts it again.
func (d *Dovecot) Start() {
	d.t.Helper()
	d.cmd = exec.Command(d.binary, "-F", "-c", filepath.Join(d.dir, "dovecot.conf"))
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(d.Plain))
		if err != nil {
			continue
		}
		b := make([]byte, 4)
		_ = conn.SetReadDeadline(time.Now().Add(2 * time.Second))
		n, _ := conn.Read(b)
		_ = conn.Close()
		if string(b[:n]) == "* OK" {
			return
		}
	}
	log, _ := os.ReadFile(filepath.Join(d.dir, "log"))
	d.t.Fatalf("Dovecot does not answer: %s", log)
}

// Stop ends it, and whoever is connected.
func (d *Dovecot) Stop() {
	if d.cmd == nil {
		return
	}
	_ = d.cmd.Process.Signal(os.Interrupt)
	done := make(chan struct{})
	go func(cmd *exec.Cmd) { defer close(done); _ = cmd.Wait() }(d.cmd)
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		_ = d.cmd.Process.Kill()
		<-done
	}
	d.cmd = nil
}

// Deliver puts a mail into somebody's folder, as a delivery agent does: written whole, then moved where it is seen.
func (d *Dovecot) Deliver(who, folder string, raw []byte) {
	d.t.Helper()
	d.DeliverAt(who, folder, raw, time.Now())
}

// DeliverAt is Deliver at another time: INTERNALDATE.
func (d *Dovecot) DeliverAt(who, folder string, raw []byte, at time.Time) {
	d.t.Helper()
	box := d.folder(who, folder)
	name := fmt.Sprintf("%d.M%dP%d.localhost", time.Now().Unix(), d.delivered.Add(1), os.Getpid())
	for _, part := range []string{"tmp", "new", "cur"} {
		d.makeDir(filepath.Join(box, part))
	}
	tmp := filepath.Join(box, "tmp", name)
	if err := os.WriteFile(tmp, raw, 0o666); err != nil { //nolint:gosec // the server runs as another user
		d.t.Fatal(err)
	}
	d.own(tmp)
	if err := os.Chtimes(tmp, at, at); err != nil {
		d.t.Fatal(err)
	}
	if err := os.Rename(tmp, filepath.Join(box, "new", name)); err != nil {
		d.t.Fatal(err)
	}
}

func (d *Dovecot) folder(who, folder string) string {
	if folder == "" || folder == "INBOX" {
		return filepath.Join(d.dir, "mail", who)
	}
	return filepath.Join(d.dir, "mail", who, "."+folder)
}

// makeDir makes a folder, and those above it, the server's.
func (d *Dovecot) makeDir(path string) {
	d.t.Helper()
	if _, err := os.Stat(path); err == nil || len(path) <= len(d.dir) {
		return
	}
	d.makeDir(filepath.Dir(path))
	if err := os.Mkdir(path, 0o777); err != nil && !os.IsExist(err) { //nolint:gosec // the server runs as another user
		d.t.Fatal(err)
	}
	d.own(path)
}

func (d *Dovecot) own(path string) {
	if os.Getuid() == 0 {
		if err := os.Chown(path, 65534, 65534); err != nil {
			d.t.Fatal(err)
		}
	}
}

// Forget makes the server give a folder a new UIDVALIDITY.
func (d *Dovecot) Forget(who, folder string) {
	d.t.Helper()
	d.Stop()
	for _, name := range []string{"dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"} {
		_ = os.Remove(filepath.Join(d.folder(who, folder), name))
	}
	_ = os.Remove(filepath.Join(d.folder(who, ""), "dovecot-uidvalidity"))
	time.Sleep(1100 * time.Millisecond) // it is made of the second
	d.Start()
}

// Number gives a folder that is not there yet a UIDVALIDITY of the caller's.
func (d *Dovecot) Number(who, folder string, validity int) {
	d.t.Helper()
	box := d.folder(who, folder)
	d.makeDir(box)
	file := filepath.Join(box, "dovecot-uidlist")
	if err := os.WriteFile(file, fmt.Appendf(nil, "3 V%d N1 G%032x\n", validity, d.delivered.Add(1)), 0o666); err != nil { //nolint:gosec // the server runs as another user
		d.t.Fatal(err)
	}
	d.own(file)
}

// Log is what the server has written.
func (d *Dovecot) Log() string {
	b, _ := os.ReadFile(filepath.Join(d.dir, "log"))
	return string(b)
}

// Rename gives a folder another name behind the server's back, as another program does.
func (d *Dovecot) Rename(who, folder, name string) {
	d.t.Helper()
	if err := os.Rename(d.folder(who, folder), d.folder(who, name)); err != nil && !os.IsNotExist(err) {
		d.t.Fatal(err)
	}
}

// Count gives how many mails lie in somebody's folder.
func (d *Dovecot) Count(who, folder string) (n int) {
	d.t.Helper()
	for _, part := range []string{"new", "cur"} {
		list, err := os.ReadDir(filepath.Join(d.folder(who, folder), part))
		if err != nil && !os.IsNotExist(err) {
			d.t.Fatal(err)
		}
		n += len(list)
	}
	return n
}

// CertFile is the file of the server's certificate, for a process of its own to trust (SSL_CERT_FILE).
func (d *Dovecot) CertFile() string { return filepath.Join(d.dir, "cert.pem") }
