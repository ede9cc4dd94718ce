package static

import (
	"bytes"
	"fmt"
	"path"
	"strings"
)

// bundles are the files that shoppers' browsers load as one: old ones know no import map, and on a poor network each
// request counts. The parts of a script stand in one function, so that they share names and leave none in the page.
var bundles = map[string][]string{
	"widget/loader.js": {
		"widget/loader/start.js", "widget/loader/store.js", "widget/loader/page.js", "widget/loader/layout.js",
		"widget/loader/phone.js", "widget/loader/calls.js", "widget/loader/frame.js", "widget/loader/panel.js", "widget/loader/main.js",
	},
	"widget/chat.js": {
		"widget/frame/core.js", "widget/frame/host.js", "widget/frame/api.js", "widget/frame/session.js", "widget/frame/who.js",
		"widget/frame/shelf.js", "widget/frame/outbox.js", "widget/frame/seen.js", "widget/frame/thread.js", "widget/frame/frames.js",
		"widget/frame/socket.js", "widget/frame/poll.js", "widget/frame/link.js", "widget/frame/when.js", "widget/frame/links.js",
		"widget/frame/viewer.js", "js/lib/shrink.js", "js/lib/upload.js", "js/lib/chip.js", "js/lib/tray.js", "widget/frame/files.js",
		"widget/frame/rows.js", "widget/frame/said.js", "widget/frame/view.js",
		"widget/frame/head.js", "widget/frame/composer.js",
		"widget/frame/panel.js", "widget/frame/attempts.js", "widget/frame/trials.js", "widget/frame/colour.js", "widget/frame/main.js",
	},
	"widget/ticket.css": {"widget/css/tokens.css", "widget/ticket/ticket.css", "widget/css/files.css", "widget/css/filing.css"},
	"widget/ticket.js":  {"js/lib/shrink.js", "js/lib/upload.js", "js/lib/chip.js", "js/lib/tray.js", "widget/ticket/files.js", "widget/ticket/page.js"},
	"widget/form.css": {
		"widget/css/tokens.css", "widget/ticket/ticket.css", "widget/css/files.css", "widget/form/form.css", "widget/css/filing.css",
	},
	"widget/form.js": {
		"widget/form/answers.js", "widget/form/keep.js", "widget/form/photos.js", "widget/form/steps.js", "widget/form/height.js", "widget/form/main.js",
	},
	"widget/forms.js": {"widget/forms/loader.js"},
	"widget/shop.css": {"widget/css/tokens.css", "widget/shop/shop.css"},
	"widget/mail.css": {"widget/css/tokens.css", "widget/shop/mail.css"},
	"widget/chat.css": {"widget/css/tokens.css", "widget/css/panel.css", "widget/css/offer.css", "widget/css/thread.css", "widget/css/files.css", "widget/css/filing.css"},
}

// bundle adds the bundles.
func (a *Assets) bundle() error {
	for name, parts := range bundles {
		var b bytes.Buffer
		script := path.Ext(name) == ".js"
		if script {
			b.WriteString("(function () {\n")
		}
		for _, part := range parts {
			one, ok := a.byName[part]
			if !ok {
				return fmt.Errorf("static: %s wants %s, which does not exist", name, part)
			}
			if err := writePart(&b, one.content, script); err != nil {
				return fmt.Errorf("static: %s: %w", part, err)
			}
		}
		if script {
			b.WriteString("})();\n")
		}
		a.add(name, b.Bytes())
	}
	return nil
}

// writePart leaves out what only readers of the source want: lines that are all comment. A module that the console has too
// stands with its names in the bundle's own function, so it neither imports nor exports there. A comment of several lines
// is refused: its first line alone would be left out.
func writePart(b *bytes.Buffer, content []byte, script bool) error {
	for line := range strings.Lines(string(content)) {
		text := strings.TrimSpace(line)
		if text == "" || (script && (strings.HasPrefix(text, "//") || strings.HasPrefix(text, "/**") || strings.HasPrefix(text, "import "))) {
			if strings.HasPrefix(text, "/**") && !strings.HasSuffix(text, "*/") {
				return fmt.Errorf("%s: a comment of a bundled script stands in one line", text)
			}
			continue
		}
		if script {
			line = strings.TrimPrefix(line, "export ")
		}
		b.WriteString(line)
	}
	return nil
}
