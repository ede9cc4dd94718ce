package config

import (
	"math"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// minToken is the least length of the metrics token: shorter ones can be guessed.
const minToken = 16

// Check holds the settings of the data against their rules.
func (d Desk) Check() error {
	switch {
	case d.Data == "":
		return &Error{"data", "is empty; name a folder"}
	case d.Database != "" && !hasScheme(d.Database.Reveal(), "postgres", "postgresql"):
		return &Error{"database", "is no PostgreSQL address; write postgres://user:password@host/name, or leave it empty for SQLite"}
	}
	return first(
		oneOf("migrate", d.Migrate, "auto", "check"),
		oneOf("log", d.Log, "text", "json"),
	)
}

// Check holds the settings of serve against their rules.
func (c Config) Check() error {
	return first(
		c.Desk.Check(),
		checkListen("listen", c.Listen),
		checkURL(c.URL),
		checkBus(c.Bus),
		checkTLS(c),
		checkScale(c.LimitScale),
		checkMemory(c.InsightsMemory),
		checkMetrics(c),
	)
}

func first(errs ...error) error {
	i := slices.IndexFunc(errs, func(err error) bool { return err != nil })
	if i < 0 {
		return nil
	}
	return errs[i]
}

func oneOf(setting, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return &Error{setting, "is " + strconv.Quote(value) + "; give " + strings.Join(allowed, " or ")}
}

func hasScheme(address string, schemes ...string) bool {
	u, err := url.Parse(address)
	return err == nil && slices.Contains(schemes, u.Scheme) && u.Host != ""
}

func checkListen(setting, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return &Error{setting, "is " + strconv.Quote(address) + "; give a host and a port, such as 127.0.0.1:8080 or :8080"}
	}
	return nil
}

func checkURL(address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return &Error{"url", "is no plain web address; give scheme and host alone, such as https://desk.example.com"}
	}
	return nil
}

func checkBus(bus Secret) error {
	if bus == "" {
		return nil
	}
	for server := range strings.SplitSeq(bus.Reveal(), ",") {
		if !hasScheme(strings.TrimSpace(server), "nats", "tls") {
			return &Error{"bus", "is no NATS address; write nats://host:4222, or leave it empty for one node"}
		}
	}
	return nil
}

func checkScale(scale float64) error {
	if scale > 0 && !math.IsInf(scale, 0) {
		return nil
	}
	return &Error{"limit-scale", "must be above 0; 1 leaves the limits as they are, 10 makes them ten times as wide"}
}

func checkMemory(mib int) error {
	const least = 128
	if mib == 0 || mib >= least {
		return nil
	}
	return &Error{"insights-memory", "must be at least " + strconv.Itoa(least) + " MiB, or 0 for what is free"}
}

func checkMetrics(c Config) error {
	if n := len(c.MetricsToken); n > 0 && n < minToken {
		return &Error{"metrics-token", "is too short to be safe; give at least " + strconv.Itoa(minToken) + " characters"}
	}
	if c.MetricsListen == "" {
		return nil
	}
	return checkListen("metrics-listen", c.MetricsListen)
}
