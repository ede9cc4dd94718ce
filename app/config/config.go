package config

import (
	"cmp"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
)

// Desk are the settings of every command that opens the desk's data.
type Desk struct {
	Data     string     `env:"DATA" envDefault:"./data" arg:"DIR" usage:"Folder of the embedded database, the files and the key ring."`
	Database Secret     `env:"DATABASE" arg:"ADDRESS" usage:"PostgreSQL as postgres://user:password@host/name. Empty: SQLite in the data folder."`
	Keyring  string     `env:"KEYRING" arg:"FILE" usage:"The master keys. Empty: keyring.json in the data folder. Keep a copy elsewhere: without it nothing can be read."`
	Backups  string     `env:"BACKUPS" arg:"DIR" usage:"Folder of the daily backups. Empty: backups in the data folder; better is another disk."`
	Migrate  string     `env:"MIGRATE" envDefault:"auto" arg:"auto|check" usage:"auto brings the database up to date at start, check refuses to start when it is not."`
	Log      string     `env:"LOG" envDefault:"text" arg:"text|json" usage:"Form of the log lines on standard error."`
	LogLevel slog.Level `env:"LOG_LEVEL" envDefault:"info" arg:"LEVEL" usage:"Least level that is logged: debug, info, warn or error."`
	Files    Secret     `env:"FILES" arg:"ADDRESS" usage:"Bucket for the files that people send, as s3://KEY:SECRET@host/bucket?region=REGION (and &style=path or &style=host). Empty: the data folder."`
}

// Config are the settings of `huiyin serve`.
type Config struct {
	Desk

	Listen         string   `env:"LISTEN" arg:"HOST:PORT" usage:"Where to listen. Port 0 takes a free one. Empty: the default 127.0.0.1:8080; with --tls files or acme :443."`
	URL            string   `env:"URL" arg:"URL" usage:"Public address that links are built from, such as https://desk.example.com. Empty: http:// and the listen address."`
	Bus            Secret   `env:"BUS" arg:"ADDRESS" usage:"NATS server that joins several nodes, as nats://host:4222. Empty: one node, inside the process."`
	TLS            string   `env:"TLS" envDefault:"off" arg:"off|files|acme" usage:"off: plain HTTP, for a proxy in front that speaks TLS. files: HTTPS with the certificate of --tls-cert. acme: HTTPS with a certificate that the desk gets and renews by itself; the CA's terms of service are accepted with it."`
	TLSCert        string   `env:"TLS_CERT" arg:"FILE" usage:"With --tls files: the certificate with its chain, PEM. A changed file is taken within ten seconds."`
	TLSKey         string   `env:"TLS_KEY" arg:"FILE" usage:"With --tls files: the certificate's private key, PEM."`
	ACMEHosts      Names    `env:"ACME_HOSTS" arg:"NAMES" usage:"With --tls acme: the host names that get a certificate, with commas between. Empty: the host of --url."`
	ACMEEmail      string   `env:"ACME_EMAIL" arg:"E-MAIL" usage:"With --tls acme: where the CA may write when something is wrong."`
	ACMEDirectory  string   `env:"ACME_DIRECTORY" arg:"URL" usage:"With --tls acme: the directory of another CA (RFC 8555). Empty: Let's Encrypt."`
	HTTPListen     string   `env:"HTTP_LISTEN" arg:"HOST:PORT|off" usage:"With --tls files or acme: where plain HTTP is sent on to HTTPS and the CA's questions are answered. Empty: :80."`
	TrustedProxies Networks `env:"TRUSTED_PROXIES" arg:"NETWORKS" usage:"Proxies whose X-Forwarded-For is believed: addresses or networks, with commas between. Empty: none."`
	AllowInner     Inner    `env:"ALLOW_INNER" arg:"LIST" usage:"Inner networks, addresses and host names that webhooks, robots and gateways of text messages may lead to, with commas between. Empty: none; addresses of inner networks are refused."`
	LimitScale     float64  `env:"LIMIT_SCALE" envDefault:"1" arg:"FACTOR" usage:"Multiplies every rate limit; for load tests."`
	InsightsMemory int      `env:"INSIGHTS_MEMORY" arg:"MIB" usage:"Memory that the grouping of complaints may take, in a process of its own. Under 512 it reads Chinese by pairs of characters, and only a part of the texts. 0: what is free."`
	MetricsListen  string   `env:"METRICS_LISTEN" arg:"HOST:PORT" usage:"Own address for /metrics. Empty: /metrics is at the listen address and asks for the metrics token."`
	MetricsToken   Secret   `env:"METRICS_TOKEN" arg:"TOKEN" usage:"Bearer token that /metrics asks for at the listen address. Empty: no /metrics there."`
}

// Default gives the settings of a serve without flags and variables.
func Default() Config {
	var c Config
	if _, err := Parse(&c, nil, func(string) string { return "" }); err != nil {
		panic(err) // only a wrong default tag gets here
	}
	return c
}

// Complete sets what follows from other settings.
func (c *Config) Complete() {
	listen, http := "127.0.0.1:8080", ""
	if c.Secured() {
		listen, http = ":443", ":80"
	}
	c.Listen, c.HTTPListen = cmp.Or(c.Listen, listen), cmp.Or(c.HTTPListen, http)
	if u, err := url.Parse(c.URL); err == nil && c.TLS == TLSACME && len(c.ACMEHosts) == 0 {
		c.ACMEHosts = Names{strings.ToLower(u.Hostname())}
	}
}

// The ways in which a desk speaks TLS.
const (
	TLSOff   = "off"
	TLSFiles = "files"
	TLSACME  = "acme"
)

// Secured tells whether the desk itself speaks TLS.
func (c Config) Secured() bool { return c.TLS == TLSFiles || c.TLS == TLSACME }

// KeyringFile is where the master keys lie.
func (d Desk) KeyringFile() string {
	if d.Keyring != "" {
		return d.Keyring
	}
	return filepath.Join(d.Data, "keyring.json")
}

// FilesFolder is where the files that people sent lie, sealed.
func (d Desk) FilesFolder() string { return filepath.Join(d.Data, "files") }

// BackupsFolder is where the daily backups lie.
func (d Desk) BackupsFolder() string {
	if d.Backups != "" {
		return d.Backups
	}
	return filepath.Join(d.Data, "backups")
}

// SQLiteFile is where the embedded database lies.
func (d Desk) SQLiteFile() string { return filepath.Join(d.Data, "huiyin.db") }

// LogValue shows the settings as they hold; secrets show only whether they are set.
func (c Config) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, f := range fields(&c) {
		attrs = append(attrs, slog.Any(f.name, f.value.Interface()))
	}
	return slog.GroupValue(attrs...)
}
