package api_test

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"huiyin/app/web/api"
)

// A public linter of OpenAPI documents (Redocly's recommended rules, warnings counted as errors) has nothing to say.
func TestTheDocumentPassesALinter(t *testing.T) {
	t.Parallel()
	linter := os.Getenv("HUIYIN_TEST_OPENAPI_LINT")
	if linter == "" {
		if os.Getenv("HUIYIN_TEST_REQUIRED") != "" { // make test skips nothing
			t.Fatal("no OpenAPI linter: HUIYIN_TEST_OPENAPI_LINT is not set")
		}
		t.Skip("HUIYIN_TEST_OPENAPI_LINT is not set")
	}
	text, err := api.Document(&url.URL{Scheme: "https", Host: "desk.test"})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	lint := exec.CommandContext(t.Context(), "node", linter, "lint", "--extends", "recommended-strict", "--format", "stylish", file)
	lint.Dir = filepath.Dir(file) // it looks for settings where it stands
	lint.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true", "CI=true")
	if out, err := lint.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}
