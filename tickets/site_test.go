package tickets_test

import (
	"fmt"
	"strings"
	"testing"

	"huiyin/tickets/fault"
)

func TestFilingNumbersAreBroughtIntoTheirForm(t *testing.T) {
	d := onSQLite(t)
	for given, want := range map[string]string{
		"沪ICP备12345678号":      "沪ICP备12345678号",
		"沪icp备 12345678号－1\n": "沪ICP备12345678号-1",
		"京ICP备１２３４５６７８号-12":   "京ICP备12345678号-12",
		"粤ICP备20001234-3":     "粤ICP备20001234号-3",
		"京ICP证030173号":        "京ICP证030173号",
		"粤B2-20090059":        "粤B2-20090059",
		"":                    "",
	} {
		ok(t, d.SetSiteNumbers(t.Context(), given, ""))
		site, err := d.Site(t.Context())
		ok(t, err)
		if site.ICP != want {
			t.Errorf("%q is kept as %q, want %q", given, site.ICP, want)
		}
	}
	ok(t, d.SetSiteNumbers(t.Context(), "", "粤公网安备 44030502000001 号"))
	if site, _ := d.Site(t.Context()); site.Police != "粤公网安备44030502000001号" {
		t.Errorf("%q", site.Police)
	}
	for _, bad := range [][2]string{{"12345678", ""}, {"ICP备12345678号", ""}, {"沪ICP备1号", ""}, {"沪ICP备12345678号<b>", ""}, {"", "44030502000001"}, {"", "粤公网安备4403号"}} {
		if err := d.SetSiteNumbers(t.Context(), bad[0], bad[1]); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestASiteFileIsSmallTextUnderASafeName(t *testing.T) {
	d := onSQLite(t)
	for _, name := range []string{"MP_verify_a1B2.txt", "/baidu_verify_codeva-x.html", ".well-known/security.txt", ".well-known/pki-validation/fileauth.txt", ".well-known/assetlinks.json"} {
		ok(t, d.PutSiteFile(t.Context(), name, []byte("x")))
	}
	for _, name := range []string{
		"", ".", "..", "../x.txt", "a/b.txt", "/etc/passwd", "//x.txt", ".htaccess", ".env.txt", "x..txt", "x%2f.txt", "x\\y.txt", "x.js", "x.svg", "widget.js",
		"sign-in", "favicon.ico", "验证.txt", "a b.txt", "x.txt\x00", "x\n.txt", ".well-known", ".well-known/", ".well-known/../x.txt", ".well-known/a/b/c.txt",
		".well-known/acme-challenge/x", ".well-known/ACME-challenge/x", strings.Repeat("x", 120) + ".txt",
	} {
		if err := d.PutSiteFile(t.Context(), name, []byte("x")); !fault.Is(err, fault.Invalid) {
			t.Errorf("the name %q is taken: %v", name, err)
		}
	}
	for rule, text := range map[string]string{"empty": " \n", "too big": strings.Repeat("x", 4097), "a picture": "\x89PNG\r\n\x1a\n", "zeros": "a\x00b"} {
		if err := d.PutSiteFile(t.Context(), "x.txt", []byte(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", rule, err)
		}
	}
	ok(t, d.PutSiteFile(t.Context(), "/MP_verify_a1B2.txt", []byte(strings.Repeat("好", 1365))))
	site, err := d.Site(t.Context())
	ok(t, err)
	if f, found := site.File("MP_verify_a1B2.txt"); !found || len(f.Text) != 4095 || len(site.Files) != 5 {
		t.Errorf("%d files, %v", len(site.Files), found)
	}
	for i := range 5 {
		ok(t, d.PutSiteFile(t.Context(), fmt.Sprintf("f%d.txt", i), []byte(strings.Repeat("<", 4096))))
	}
	if err := d.PutSiteFile(t.Context(), "more.txt", []byte("x")); !fault.Is(err, fault.Conflict) {
		t.Errorf("an eleventh: %v", err)
	}
	ok(t, d.RemoveSiteFile(t.Context(), "f1.txt"))
	ok(t, d.RemoveSiteFile(t.Context(), "f1.txt"))
	ok(t, d.PutSiteFile(t.Context(), "more.txt", []byte("x")))
}
