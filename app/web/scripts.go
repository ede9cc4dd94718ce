package web

import (
	"regexp"
	"slices"
	"strings"

	"huiyin/static"
)

// scripts are what the console's scripts need of a page.
type scripts struct {
	modules []string // to load ahead: otherwise each waits for the one that imports it
	texts   []string // keys that they use; one that ends with a dot stands for all below it
}

// textKey finds the keys in a script: t("console.thread.new", …), t("console.status." + status).
var textKey = regexp.MustCompile(`"((?:console|files|notices|orders|replies|time|web)\.[a-z0-9_.]+)"`)

// findScripts looks through the modules below js/, so that no list has to be kept by hand.
func findScripts(assets *static.Assets) scripts {
	var s scripts
	for _, name := range assets.Names("js") {
		if !strings.HasSuffix(name, ".js") {
			continue
		}
		s.modules = append(s.modules, name)
		for _, m := range textKey.FindAllStringSubmatch(string(assets.Content(name)), -1) {
			s.texts = append(s.texts, m[1])
		}
	}
	slices.Sort(s.texts)
	s.texts = slices.Compact(s.texts)
	return s
}

// styles are the style sheets of the desk's pages, in their order.
func styles() []string {
	return []string{
		"css/tokens.css", "css/base.css", "css/parts.css", "css/form.css", "css/menu.css",
		"css/desk.css", "css/list.css", "css/thread.css", "css/side.css", "css/plain.css", "css/macros.css", "css/hours.css", "css/files.css", "css/inbox.css", "css/notices.css", "css/success.css", "css/report.css",
		"css/forms.css", "css/insights.css", "css/improve.css",
	}
}
