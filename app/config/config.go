package config

import (
	"log/slog"
	"path/filepath"
)

// Desk are the settings of every command that opens the desk's data.
type Desk struct {
	Data     string     `env:"DATA" envDefault:"./data" arg:"DIR" usage:"Folder of the embedded database, the files and the key ring."`
	Database Secret     `env:"DATABASE" arg:"ADDRESS" usage:"PostgreSQL as postgres://user:password@host/name. Empty: SQLite in the data folder."`
	Keyring  string     `env:"KEYRING" arg:"FILE" usage:"The master keys. Empty: keyring.json in the data folder. Keep a copy elsewhere: without it nothing can be read."`
	Migrate  string     `env:"MIGRATE" envDefault:"auto" arg:"auto|check" usage:"auto brings the database up to date at start, check refuses to start when it is not."`
	Log      string     `env:"LOG" envDefault:"text" arg:"text|json" usage:"Form of the log lines on standard error."`
	LogLevel slog.Level `env:"LOG_LEVEL" envDefault:"info" arg:"LEVEL" usage:"Least level that is logged: debug, info, warn or error."`
}

// Config are the settings of `huiyin serve`.
type Config struct {
	Desk

	Listen         string   `env:"LISTEN" envDefault:"127.0.0.1:8080" arg:"HOST:PORT" usage:"Where to listen. Port 0 takes a free one."`
	URL            string   `env:"URL" arg:"URL" usage:"Public address that links are built from, such as https://desk.example.com. Empty: http:// and the listen address."`
	Bus            Secret   `env:"BUS" arg:"ADDRESS" usage:"NATS server that joins several nodes, as nats://host:4222. Empty: one node, inside the process."`
	TLS            string   `env:"TLS" envDefault:"off" arg:"off" usage:"off: plain HTTP, for a proxy in front that speaks TLS."`
	TrustedProxies Networks `env:"TRUSTED_PROXIES" arg:"NETWORKS" usage:"Proxies whose X-Forwarded-For is believed: addresses or networks, with commas between. Empty: none."`
	LimitScale     float64  `env:"LIMIT_SCALE" envDefault:"1" arg:"FACTOR" usage:"Multiplies every rate limit; for load tests."`
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

// KeyringFile is where the master keys lie.
func (d Desk) KeyringFile() string {
	if d.Keyring != "" {
		return d.Keyring
	}
	return filepath.Join(d.Data, "keyring.json")
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
