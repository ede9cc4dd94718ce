package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
)

func vars(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(k string) string { return m[k] }
}

func parse(t *testing.T, getenv func(string) string, args ...string) (Config, error) {
	t.Helper()
	var c Config
	_, err := Parse(&c, args, getenv)
	return c, err
}

func TestNothingGivenMeansTheDefaults(t *testing.T) {
	t.Parallel()
	c, err := parse(t, vars())
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Desk:   Desk{Data: "./data", Migrate: "auto", Log: "text", LogLevel: slog.LevelInfo},
		Listen: "127.0.0.1:8080", TLS: "off", LimitScale: 1,
	}
	if got := fmt.Sprintf("%+v", c); got != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %s\nwant %+v", got, want)
	}
	if d := Default(); fmt.Sprintf("%+v", d) != fmt.Sprintf("%+v", want) {
		t.Errorf("Default() = %+v", d)
	}
	if got, want := c.KeyringFile(), filepath.Join("data", "keyring.json"); got != want {
		t.Errorf("KeyringFile() = %q, want %q", got, want)
	}
	if got, want := c.SQLiteFile(), filepath.Join("data", "huiyin.db"); got != want {
		t.Errorf("SQLiteFile() = %q, want %q", got, want)
	}
}

func TestTheFlagWinsOverTheVariableAndThatOverTheDefault(t *testing.T) {
	t.Parallel()
	getenv := vars("HUIYIN_LISTEN", ":9000", "HUIYIN_DATA", "/srv/a", "HUIYIN_LIMIT_SCALE", "2.5", "HUIYIN_DATABASE", "postgres://db/x")
	c, err := parse(t, getenv, "--data", "/srv/b", "--log-level=debug", "-trusted-proxies", "10.0.0.0/8, 192.0.2.7,::ffff:198.51.100.1", "--database=")
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != ":9000" || c.Data != "/srv/b" || c.LimitScale != 2.5 || c.LogLevel != slog.LevelDebug {
		t.Errorf("got %+v", c)
	}
	if c.Database != "" {
		t.Errorf("an empty flag does not take the variable's value back: %q", c.Database.Reveal())
	}
	if got, want := c.TrustedProxies.String(), "10.0.0.0/8,192.0.2.7/32,198.51.100.1/32"; got != want {
		t.Errorf("TrustedProxies = %s, want %s", got, want)
	}
}

func TestTLSBringsItsPortsAndItsHost(t *testing.T) {
	t.Parallel()
	c, err := parse(t, vars(), "--tls", "acme", "--url", "https://Desk.example.com")
	if err != nil || c.Listen != ":443" || c.HTTPListen != ":80" || fmt.Sprint(c.ACMEHosts) != "[desk.example.com]" {
		t.Errorf("%+v, %v", c, err)
	}
	c, err = parse(t, vars(), "--tls", "files", "--url", "https://a.example", "--tls-cert", "c", "--tls-key", "k", "--listen", ":8443", "--http-listen", "off")
	if err != nil || c.Listen != ":8443" || c.HTTPListen != HTTPOff || len(c.ACMEHosts) != 0 {
		t.Errorf("%+v, %v", c, err)
	}
	c, err = parse(t, vars(), "--tls", "acme", "--url", "https://a.example", "--acme-hosts", "A.example, b.example")
	if err != nil || fmt.Sprint(c.ACMEHosts) != "[a.example b.example]" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestInnerNetworksAreNamedByNetworkAddressOrName(t *testing.T) {
	t.Parallel()
	c, err := parse(t, vars("HUIYIN_ALLOW_INNER", "10.20.0.9/16, Hooks.LAN ,192.168.1.5,localhost,fd00::/8"))
	if err != nil || fmt.Sprint(c.AllowInner.Networks()) != "[10.20.0.0/16 192.168.1.5/32 fd00::/8]" || fmt.Sprint(c.AllowInner.Hosts()) != "[hooks.lan localhost]" {
		t.Errorf("%v %v, %v", c.AllowInner.Networks(), c.AllowInner.Hosts(), err)
	}
	if len(Default().AllowInner) != 0 {
		t.Error("something inner is allowed by default")
	}
	for _, bad := range []string{"10.0.0", "10.0.0.0/33", "https://hooks.lan", "hooks.lan:8080", "*", "*.lan", "a b"} {
		if _, err := parse(t, vars(), "--allow-inner", bad); err == nil || !strings.Contains(err.Error(), "hooks.lan") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestArgumentsThatAreNoFlagsComeBack(t *testing.T) {
	t.Parallel()
	var c Config
	rest, err := Parse(&c, []string{"--listen", ":1", "a", "--b"}, vars())
	if err != nil || fmt.Sprint(rest) != "[a --b]" {
		t.Errorf("rest = %v, err = %v", rest, err)
	}
}

func TestAYesOrNoNeedsNoValue(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]bool{"": false, "--gate": true, "--gate=false": false, "--gate=true": true} {
		var c struct {
			Gate bool `env:"GATE"`
		}
		if _, err := Parse(&c, strings.Fields(args), vars()); err != nil || c.Gate != want {
			t.Errorf("%q: %v, %v", args, c.Gate, err)
		}
	}
}

func TestHelpIsAskedForByAFlag(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"-h", "--help"} {
		if _, err := parse(t, vars(), flag); !errors.Is(err, ErrHelp) {
			t.Errorf("%s: %v, want ErrHelp", flag, err)
		}
	}
}

func TestAWrongSettingIsNamedWithItsMend(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct {
		args []string
		want []string
	}{
		"unknown flag":            {[]string{"--listne", ":1"}, []string{"no flag --listne"}},
		"flag without value":      {[]string{"--listen"}, []string{"--listen", "needs a value"}},
		"listen without port":     {[]string{"--listen", "localhost"}, []string{"--listen", "HUIYIN_LISTEN", "127.0.0.1:8080"}},
		"listen with a big port":  {[]string{"--listen", ":99999"}, []string{"--listen", "host and a port"}},
		"url with a path":         {[]string{"--url", "https://example.com/desk"}, []string{"--url", "https://desk.example.com"}},
		"url without scheme":      {[]string{"--url", "desk.example.com"}, []string{"--url"}},
		"url with a password":     {[]string{"--url", "https://a:b@example.com"}, []string{"--url"}},
		"other database":          {[]string{"--database", "mysql://a"}, []string{"--database", "postgres://"}},
		"other bus":               {[]string{"--bus", "redis://a"}, []string{"--bus", "nats://"}},
		"second bus server wrong": {[]string{"--bus", "nats://a,b"}, []string{"--bus"}},
		"other tls":               {[]string{"--tls", "on"}, []string{"--tls", "off"}},
		"tls without an address":  {[]string{"--tls", "acme"}, []string{"--url", "https://desk.example.com"}},
		"tls with http":           {[]string{"--tls", "files", "--url", "http://a.example"}, []string{"--url", "https://"}},
		"files without a pair":    {[]string{"--tls", "files", "--url", "https://a.example"}, []string{"--tls-cert", "PEM"}},
		"files without a key":     {[]string{"--tls", "files", "--url", "https://a.example", "--tls-cert", "a"}, []string{"--tls-key", "PEM"}},
		"a pair without tls":      {[]string{"--tls-cert", "a"}, []string{"--tls-cert", "--tls files"}},
		"acme to an address":      {[]string{"--tls", "acme", "--url", "https://192.0.2.7"}, []string{"--acme-hosts", "desk.example.com"}},
		"acme to a bare name":     {[]string{"--tls", "acme", "--url", "https://localhost"}, []string{"--acme-hosts", "desk.example.com"}},
		"acme to all names":       {[]string{"--tls", "acme", "--url", "https://a.example", "--acme-hosts", "*.a.example"}, []string{"--acme-hosts"}},
		"acme's directory":        {[]string{"--tls", "acme", "--url", "https://a.example", "--acme-directory", "a"}, []string{"--acme-directory", "https"}},
		"acme's e-mail":           {[]string{"--tls", "acme", "--url", "https://a.example", "--acme-email", "a"}, []string{"--acme-email"}},
		"redirect without tls":    {[]string{"--http-listen", ":80"}, []string{"--http-listen", "--tls"}},
		"redirect to nowhere":     {[]string{"--tls", "acme", "--url", "https://a.example", "--http-listen", "80"}, []string{"--http-listen", "off"}},
		"proxy that is none":      {[]string{"--trusted-proxies", "10.0.0.0/8,gate"}, []string{"--trusted-proxies", "10.0.0.0/8"}},
		"log form":                {[]string{"--log", "xml"}, []string{"--log", "text or json"}},
		"log level":               {[]string{"--log-level", "loud"}, []string{"--log-level", "debug"}},
		"scale is a word":         {[]string{"--limit-scale", "wide"}, []string{"--limit-scale", "number"}},
		"scale is nothing":        {[]string{"--limit-scale", "0"}, []string{"--limit-scale", "above 0"}},
		"scale is endless":        {[]string{"--limit-scale", "+Inf"}, []string{"--limit-scale"}},
		"scale is no number":      {[]string{"--limit-scale", "NaN"}, []string{"--limit-scale"}},
		"migrate":                 {[]string{"--migrate", "no"}, []string{"--migrate", "auto or check"}},
		"metrics address":         {[]string{"--metrics-listen", "9100"}, []string{"--metrics-listen"}},
		"short metrics token":     {[]string{"--metrics-token", "abc"}, []string{"--metrics-token", "16"}},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			_, err := parse(t, vars(), c.args...)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
		})
	}
}

func TestAWrongVariableIsNamedLikeItsFlag(t *testing.T) {
	t.Parallel()
	_, err := parse(t, vars("HUIYIN_LIMIT_SCALE", "x"))
	if err == nil || !strings.Contains(err.Error(), "HUIYIN_LIMIT_SCALE") {
		t.Errorf("got %v", err)
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	const word = "geheim-geheim-geheim"
	c, err := parse(t, vars("HUIYIN_METRICS_TOKEN", word), "--database", "postgres://u:"+word+"@db/x", "--bus", "nats://u:"+word+"@bus:4222")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("settings", "config", c)
	slog.New(slog.NewTextHandler(&log, nil)).Info("settings", "config", c, "token", c.MetricsToken)
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for form, text := range map[string]string{
		"log": log.String(), "JSON": string(asJSON), "%v": fmt.Sprint(c), "%+v": fmt.Sprintf("%+v", c), "%#v": fmt.Sprintf("%#v", c),
	} {
		if strings.Contains(text, "geheim") {
			t.Errorf("%s shows the secret: %s", form, text)
		}
	}
	if !strings.Contains(log.String(), "(set)") || !strings.Contains(log.String(), "127.0.0.1:8080") {
		t.Errorf("the log does not show the settings: %s", log.String())
	}
	if c.MetricsToken.Reveal() != word {
		t.Errorf("Reveal() = %q", c.MetricsToken.Reveal())
	}
	for _, bad := range [][]string{{"--database", "mysql://" + word}, {"--bus", word}, {"--metrics-token", "geheim"}} {
		if _, err := parse(t, vars(), bad...); err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: error shows the secret: %v", bad[0], err)
		}
	}
}

func TestTheHelpNamesEverySetting(t *testing.T) {
	t.Parallel()
	text := Usage(&Config{})
	for _, name := range []string{
		"listen", "url", "data", "database", "bus", "keyring", "tls", "trusted-proxies", "log", "log-level",
		"limit-scale", "migrate", "metrics-listen", "metrics-token",
		"tls-cert", "tls-key", "acme-hosts", "acme-email", "acme-directory", "http-listen", "allow-inner",
	} {
		if !strings.Contains(text, "  --"+name+" ") || !strings.Contains(text, variable(name)) {
			t.Errorf("the help lacks --%s", name)
		}
	}
	for line := range strings.Lines(text) {
		if len(line) > usageWidth+1 {
			t.Errorf("line is too long: %q", line)
		}
	}
	for _, f := range fields(&Config{}) {
		if f.usage == "" || f.arg == "" {
			t.Errorf("--%s has no usage or arg tag", f.name)
		}
	}
}

// own has flags beside those of the desk, as commands do.
type own struct {
	Desk
	Email string `env:"EMAIL" arg:"E-MAIL" usage:"Who."`
}

func TestACommandAddsItsOwnFlagsToTheDesksOnes(t *testing.T) {
	t.Parallel()
	var o own
	if _, err := Parse(&o, []string{"--data", "x"}, vars("HUIYIN_EMAIL", "a@example.com", "HUIYIN_LISTEN", "nonsense")); err != nil {
		t.Fatal(err)
	}
	if o.Email != "a@example.com" || o.Data != "x" {
		t.Errorf("got %+v", o)
	}
	if _, err := Parse(&o, []string{"--migrate", "x"}, vars()); err == nil {
		t.Error("the desk's rules are not asked")
	}
	if text := Usage(&own{}); strings.Index(text, "--email") > strings.Index(text, "--data") {
		t.Error("a command's own flags come after the desk's")
	}
}
