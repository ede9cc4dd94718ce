package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestMailParsePrintsOneObjectForAnyBytes(t *testing.T) {
	t.Parallel()
	huiyin := cli(t)
	for name, raw := range map[string]string{
		"a mail":  "From: =?utf-8?B?5p2O5qKF?= <li@qq.example>\nSubject: Re: hi\nMessage-ID: <a@b>\nDate: Tue, 3 Nov 2026 18:00:05 +0800\nContent-Type: text/html\n\n<p>Yes<script>x</script></p><blockquote type=cite>old</blockquote>",
		"nothing": "", "noise": "\x00\xff\xfe:\r\r\n--", "a line": "hello",
	} {
		r := huiyin(raw, "mail", "parse", "-")
		r.want(t, exitDone)
		var got map[string]any
		if err := json.Unmarshal([]byte(r.out), &got); err != nil || strings.Count(r.out, "\n") != 1 {
			t.Fatalf("%s: %v: %s", name, err, r.out)
		}
		for _, field := range []string{"message_id", "in_reply_to", "references", "date", "from", "reply_to", "to", "cc", "subject", "text", "reply", "html", "attachments", "auto", "bounce", "defects"} {
			v, there := got[field]
			if !there {
				t.Errorf("%s: no %s", name, field)
			}
			if _, list := v.([]any); !list && (strings.HasSuffix(field, "s") && field != "defects") && v == nil {
				t.Errorf("%s: %s is null", name, field)
			}
		}
		if name == "a mail" && (got["reply"] != "Yes" || got["html"] != "<p>Yes</p><blockquote>old</blockquote>" || got["date"] != "2026-11-03T18:00:05+08:00" || got["message_id"] != "a@b") {
			t.Errorf("%s", r.out)
		}
	}
	huiyin("", "mail", "parse", "/no/such/file").want(t, exitFailed, "no such file")
	huiyin("", "mail", "parse").want(t, exitUsage, "FILE")
}
