package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"huiyin/mailin"
)

// mailMax is how much of a mail is read, in bytes.
const mailMax = 64 << 20

// noSettings is what a command has that needs no desk.
type noSettings struct{}

func mailParseCommand() command {
	return withArguments(command{
		name: "mail parse", brief: "reads one raw e-mail and prints it as JSON",
		about: "Reads one raw e-mail from a file, or from standard input for -, and prints one JSON object:\n" +
			"  message_id, in_reply_to[], references[], date (RFC 3339 or null), from {name, address}, reply_to[], to[], cc[], subject,\n" +
			"  text       the first plain text, or what the HTML says; later texts are among the attachments\n" +
			"  reply      what was written now: no quotation, no signature\n" +
			"  html       safe to show; what lies on other servers is left out (data-remote), pictures of the mail keep cid:\n" +
			"  attachments [{name, type, size, inline, content_id, sha256}]\n" +
			"  auto       null, or auto_reply, bounce, list, calendar\n" +
			"  bounce     null, or {recipient, status, diagnostic}\n" +
			"  defects[]  what was broken and how it was read\n" +
			"Any bytes give an object. Of a mail over 64 MiB the beginning is read. No database is needed.",
	}, "FILE|-", 1, func(_ context.Context, t *terminal, _ *noSettings, args []string) error {
		raw, err := readMail(t.stdin, args[0])
		if err != nil {
			return err
		}
		out := json.NewEncoder(t.stdout)
		out.SetEscapeHTML(false)
		return out.Encode(mailin.Parse(raw))
	})
}

func readMail(stdin io.Reader, name string) ([]byte, error) {
	from := stdin
	if name != "-" {
		f, err := os.Open(name) //nolint:gosec // the file that the person names
		if err != nil {
			return nil, err
		}
		defer f.Close() //nolint:errcheck // read only
		from = f
	}
	raw, err := io.ReadAll(io.LimitReader(from, mailMax))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return raw, nil
}
