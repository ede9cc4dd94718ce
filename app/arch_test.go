package app_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const module = "huiyin/"

// An edge is one import of ours or of a guarded library, in a non-test file.
type edge struct{ from, to string }

func imports(t *testing.T) []edge {
	t.Helper()
	var edges []edge
	root := ".."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, i := range f.Imports {
			edges = append(edges, edge{filepath.ToSlash(rel), strings.TrimPrefix(strings.Trim(i.Path.Value, `"`), module)})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(edges) < 50 {
		t.Fatalf("found only %d imports: the walk looks at the wrong folder", len(edges))
	}
	return edges
}

func within(pkg, folder string) bool { return pkg == folder || strings.HasPrefix(pkg, folder+"/") }

func ours(pkg string) bool {
	for _, top := range []string{"cmd", "app", "chat", "mailin", "tickets", "templates", "static"} {
		if within(pkg, top) {
			return true
		}
	}
	return false
}

// leavesOfApp import nothing of ours: they could stand in any program.
var leavesOfApp = []string{"app/config", "app/db", "app/jobs", "app/bus", "app/outbox", "app/i18n", "app/sheet", "app/mailer", "app/egress", "app/robot", "app/insights/grouping"}

// testTools are packages for tests that live outside _test.go files because several packages share them.
var testTools = []string{"app/db/dbtest", "tickets/seal/sealtest", "app/apptest", "app/bus/bustest", "app/certs/certstest", "app/mailer/mailertest", "mailin/mailtest", "mailin/safe/safetest", "app/web/api/apitest", "app/insights/grouping/measure", "app/insights/grouping/invent", "app/insights/insightstest", "app/desktest"}

func TestImportsGoOneWay(t *testing.T) {
	t.Parallel()
	rules := []struct {
		name   string
		broken func(e edge) bool
	}{
		{"tickets imports only tickets", func(e edge) bool {
			return within(e.from, "tickets") && ours(e.to) && !within(e.to, "tickets")
		}},
		{"sub-packages of tickets, chat and mailin are leaves of their parent", func(e edge) bool {
			for _, parent := range []string{"tickets", "chat", "mailin"} {
				if strings.HasPrefix(e.from, parent+"/") && e.to == parent {
					return true
				}
			}
			return false
		}},
		{"chat and mailin import tickets and their own leaves", func(e edge) bool {
			for _, p := range []string{"chat", "mailin"} {
				if within(e.from, p) && ours(e.to) && !within(e.to, p) && !within(e.to, "tickets") {
					return true
				}
			}
			return false
		}},
		{"leaves of app import nothing of ours", func(e edge) bool {
			for _, leaf := range leavesOfApp {
				if within(e.from, leaf) && ours(e.to) && !within(e.to, leaf) {
					return true
				}
			}
			return false
		}},
		{"only app/web imports echo and static", func(e edge) bool {
			return (strings.HasPrefix(e.to, "github.com/labstack/echo") || within(e.to, "static")) && !within(e.from, "app/web")
		}},
		{"only web and notify import templates", func(e edge) bool {
			return within(e.to, "templates") && !within(e.from, "app/web") && !within(e.from, "app/notify")
		}},
		{"no SQL and no gorm in handlers", func(e edge) bool {
			return within(e.from, "app/web") && (e.to == "database/sql" || strings.HasPrefix(e.to, "gorm.io/"))
		}},
		{"only cmd and app/apptest import app", func(e edge) bool {
			return e.to == "app" && !within(e.from, "cmd") && !within(e.from, "app/apptest")
		}},
		// go-mail's messages hold attachments in memory and let a caller write raw headers; its smtp package is another matter.
		{"mails are written by app/mailer itself", func(e edge) bool { return e.to == "github.com/wneessen/go-mail" }},
		{"nothing imports cmd", func(e edge) bool { return within(e.to, "cmd") }},
	}
	edges := imports(t)
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			t.Parallel()
			for _, e := range edges {
				if !isTestTool(e.from) && rule.broken(e) {
					t.Errorf("%s imports %s", e.from, e.to)
				}
			}
		})
	}
}

func isTestTool(pkg string) bool {
	for _, tool := range testTools {
		if within(pkg, tool) {
			return true
		}
	}
	return false
}

func TestTopLevelIsFixed(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	allowed := " cmd app chat tickets mailin templates static go.mod go.sum README.md README.zh-CN.md LICENSE CHANGELOG.md Makefile" +
		" Dockerfile .dockerignore .ci .gitignore .golangci.yml package.json package-lock.json deploy docs .git bin data "
	for _, e := range entries {
		if !strings.Contains(allowed, " "+e.Name()+" ") {
			t.Errorf("%s does not belong to the top level", e.Name())
		}
	}
}
