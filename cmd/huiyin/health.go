package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"huiyin/app/config"
)

// healthPatience is how long a desk may take to answer.
const healthPatience = 4 * time.Second

func healthCommand() command {
	return with(command{
		name: "health", brief: "asks the desk of this machine whether it serves",
		about: "Asks the desk that runs here with the same settings for /readyz, and ends with exit code 0 when it serves, else 1.\n" +
			"Containers and supervisors call it where there is no curl.",
	}, func(ctx context.Context, t *terminal, c *config.Config) error {
		url, err := readyURL(*c)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, healthPatience)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		// The certificate is for the desk's name, not for this way to it, and nothing secret is said.
		client := &http.Client{Transport: &http.Transport{Proxy: nil, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // see above
		res, err := client.Do(req)
		if err != nil {
			return fmt.Errorf("no desk answers at %s: is it running, with the same --listen? (%w)", c.Listen, err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("the desk at %s runs and cannot serve (%d): its log says what is missing", c.Listen, res.StatusCode)
		}
		fmt.Fprintln(t.stdout, "ready")
		return nil
	})
}

// readyURL is where the desk of these settings says whether it serves.
func readyURL(c config.Config) (string, error) {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return "", err
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http"
	if c.Secured() {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port) + "/readyz", nil
}
