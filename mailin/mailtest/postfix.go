package mailtest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Nobody begins the names of those who do not exist: a mail to nobody-here@shop.test comes back.
const Nobody = "nobody"

// Options say how a Postfix behaves. The zero value: the domains shop.test and home.test, without plus-addresses.
type Options struct {
	Domains []string // those whose mailboxes are here; whatever goes elsewhere comes back
	Plus    bool     // li+x@ is delivered to li@; without it there is no such mailbox
	Refuse  bool     // an unknown recipient is refused at once; without it the mail is taken and comes back
	Size    int      // bytes that a mail may have; 0: 50 MB
}

// Postfix is a running Postfix. Everybody has a mailbox in Dovecot, whose name is the whole address, with Password; only names that
// begin with Nobody have none. Who signs in may send from any address; who does not may write to the domains, as the world does.
type Postfix struct {
	Plain, Secure int // ports: without TLS but with STARTTLS, and with TLS
	Pool          *x509.CertPool
	Dovecot       *Dovecot // keeps the mails
	options       Options
	t             testing.TB
	dir, binary   string
	cmd           *exec.Cmd
}

// StartPostfix starts a Postfix with a Dovecot behind it. A test without these programs, or without the rights that Postfix wants, is
// passed over; where every program is required, it fails when one is missing.
func StartPostfix(t testing.TB, o Options) *Postfix {
	t.Helper()
	if len(o.Domains) == 0 {
		o.Domains = []string{"shop.test", "home.test"}
	}
	if o.Size == 0 {
		o.Size = 50 << 20
	}
	binary := program(t, "Postfix", "postfix", "/usr/sbin/postfix", "/usr/local/sbin/postfix")
	program(t, "Dovecot's LMTP", "dovecot-lmtpd", "/usr/lib/dovecot/lmtp", "/usr/libexec/dovecot/lmtp")
	if os.Getuid() != 0 {
		t.Skip("Postfix starts as root only")
	}
	p := &Postfix{
		t: t, options: o, binary: binary, dir: shortDir(t, "postfix"), Plain: FreePort(t), Secure: FreePort(t),
		Dovecot: startDovecot(t, &carrier{auth: FreePort(t), lmtp: FreePort(t), plus: o.Plus}),
	}
	p.Pool = p.Dovecot.Pool // one certificate for both
	p.folders()
	p.write("main.cf", p.mainConfig())
	p.write("master.cf", p.masterConfig())
	p.write("refused", "/^"+Nobody+"/ REJECT no such mailbox\n")
	p.Start()
	t.Cleanup(p.Stop)
	return p
}

// TLS trusts the servers' certificate.
func (p *Postfix) TLS() *tls.Config { return p.Dovecot.TLS() }

// folders makes those that Postfix wants to own itself.
func (p *Postfix) folders() {
	p.t.Helper()
	owner, err := user.Lookup("postfix")
	if err != nil {
		p.t.Fatal(err)
	}
	uid, _ := strconv.Atoi(owner.Uid)
	for name, id := range map[string]int{"etc": 0, "queue": 0, "data": uid} {
		path := filepath.Join(p.dir, name)
		if err := os.Mkdir(path, 0o755); err != nil { //nolint:gosec // its helpers run as other users
			p.t.Fatal(err)
		}
		if err := os.Chown(path, id, 0); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *Postfix) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, "etc", name), []byte(text), 0o644); err != nil { //nolint:gosec // its helpers run as other users
		p.t.Fatal(err)
	}
}

func (p *Postfix) mainConfig() string {
	reject, unlisted := "no", ""
	if p.options.Refuse {
		reject, unlisted = "yes", "check_recipient_access regexp:"+filepath.Join(p.dir, "etc", "refused")
	}
	delimiter := ""
	if p.options.Plus {
		delimiter = "+"
	}
	return fmt.Sprintf(`compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/log
maillog_file_prefixes = %[1]s
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.%[2]s
myorigin = %[2]s
mynetworks =
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:5.1.1 no such mailbox
relayhost =
relay_domains =
default_transport = error:5.4.4 nothing leaves this machine
relay_transport = error:5.4.4 nothing leaves this machine
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
virtual_mailbox_domains = %[3]s
virtual_transport = lmtp:inet:127.0.0.1:%[4]d
recipient_delimiter = %[5]s
notify_classes =
2bounce_notice_recipient = postmaster@%[2]s
message_size_limit = %[6]d
mailbox_size_limit = 0
virtual_mailbox_limit = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 5s
smtpd_error_sleep_time = 0
smtpd_client_connection_count_limit = 0
smtpd_tls_cert_file = %[7]s/cert.pem
smtpd_tls_key_file = %[7]s/key.pem
smtpd_tls_security_level = may
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:%[8]d
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = %[9]s
smtpd_reject_unlisted_recipient = %[10]s
`, p.dir, p.options.Domains[0], strings.Join(p.options.Domains, ", "), p.Dovecot.carrier.lmtp, delimiter, p.options.Size, p.Dovecot.dir, p.Dovecot.carrier.auth, unlisted, reject)
}

// masterConfig lists its services, none in a changed root and none for the world.
func (p *Postfix) masterConfig() string {
	return fmt.Sprintf(`127.0.0.1:%d inet n - n - - smtpd
127.0.0.1:%d inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`, p.Plain, p.Secure)
}

// Start starts it again.
func (p *Postfix) Start() {
	p.t.Helper()
	if out, err := p.command("check").CombinedOutput(); err != nil { // makes the folders of the queue
		p.t.Fatalf("%v: %s%s", err, out, p.Log())
	}
	master := program(p.t, "Postfix's master", "postfix", "/usr/lib/postfix/sbin/master", "/usr/libexec/postfix/master", "/usr/lib/postfix/master")
	p.cmd = exec.Command(master, "-c", filepath.Join(p.dir, "etc"), "-s") // the command "postfix" would stay between us and it
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}                // its services are of its group and end with it
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		client, err := smtp.Dial(p.address(p.Plain))
		if err != nil {
			continue
		}
		_ = client.Quit()
		return
	}
	p.t.Fatalf("Postfix does not answer: %s", p.Log())
}

func (p *Postfix) command(what string) *exec.Cmd {
	return exec.Command(p.binary, "-c", filepath.Join(p.dir, "etc"), what)
}

func (p *Postfix) address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// Stop ends Postfix, and whoever is connected. Dovecot stays.
func (p *Postfix) Stop() {
	if p.cmd == nil {
		return
	}
	group := -p.cmd.Process.Pid
	_ = syscall.Kill(group, syscall.SIGTERM)
	done := make(chan struct{})
	go func(cmd *exec.Cmd) { defer close(done); _ = cmd.Wait() }(p.cmd)
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		_ = syscall.Kill(group, syscall.SIGKILL)
		<-done
	}
	p.cmd = nil
}

// Send hands over a mail: signed in as the sender where the sender has a mailbox here, else as the world does.
func (p *Postfix) Send(from, to string, raw []byte) error {
	client, err := smtp.Dial(p.address(p.Plain))
	if err != nil {
		return err
	}
	defer client.Close() //nolint:errcheck // after Quit it is closed
	if err := client.StartTLS(p.TLS()); err != nil {
		return err
	}
	if _, domain, _ := strings.Cut(from, "@"); slices.Contains(p.options.Domains, domain) {
		if err := client.Auth(smtp.PlainAuth("", from, Password, "127.0.0.1")); err != nil {
			return err
		}
	}
	if err := client.Mail(from); err != nil {
		return err
	}
	if err := client.Rcpt(to); err != nil {
		return err
	}
	body, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := body.Write(raw); err != nil {
		return err
	}
	if err := body.Close(); err != nil {
		return err
	}
	return client.Quit()
}

// Flush makes it try again at once what it could not deliver.
func (p *Postfix) Flush() {
	p.t.Helper()
	if out, err := p.command("flush").CombinedOutput(); err != nil {
		p.t.Fatalf("flush: %v: %s", err, out)
	}
}

// Log is what Postfix has written.
func (p *Postfix) Log() string {
	b, _ := os.ReadFile(filepath.Join(p.dir, "log"))
	return string(b)
}
