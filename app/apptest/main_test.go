package apptest_test

import (
	"os"
	"testing"

	"huiyin/app/apptest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	apptest.Clean()
	os.Exit(code)
}
