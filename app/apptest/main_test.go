package apptest_test

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"huiyin/app/apptest"
	"huiyin/app/web/api/apitest"
)

func TestMain(m *testing.M) {
	http.DefaultClient.Transport = apitest.Answers(http.DefaultTransport) // every answer of the API is held against its document
	code := m.Run()
	if err := apitest.Failures(); err != nil {
		fmt.Fprintln(os.Stderr, "FAIL:", err)
		code = max(code, 1)
	}
	apptest.Clean()
	os.Exit(code)
}
