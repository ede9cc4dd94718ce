package preset_test

import (
	"testing"

	"huiyin/mailin/imapbox"
	"huiyin/mailin/preset"
)

func TestTheProviderIsGuessed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule, address string
		mx            []string
		want, imap    string
	}{
		{"by the domain", "shop@qq.com", nil, "qq", "imap.qq.com"},
		{"in capitals too", "Shop@FOXMAIL.com ", nil, "qq", "imap.qq.com"},
		{"126 is not 163", "shop@126.com", nil, "126", "imap.126.com"},
		{"a company's domain by who takes its mail", "kf@shop.example", []string{"mxbiz1.qq.com."}, "tencent", "imap.exmail.qq.com"},
		{"whose servers have names of their own", "kf@shop.example", []string{"MXN.mxhichina.com."}, "aliyun", "imap.qiye.aliyun.com"},
		{"Microsoft's names hold the customer's", "kf@shop.example", []string{"shop-example.mail.protection.outlook.com."}, "outlook", "outlook.office365.com"},
		{"Google Workspace", "kf@shop.example", []string{"aspmx.l.google.com."}, "gmail", "imap.gmail.com"},
		{"an end is no end within a word", "kf@shop.example", []string{"notgoogle.com."}, "another", "imap.shop.example"},
		{"the domain before its servers", "shop@yeah.net", []string{"mxbiz1.qq.com."}, "yeah", "imap.yeah.net"},
		{"nothing known: the usual names", "kf@shop.example", nil, "another", "imap.shop.example"},
		{"no address, no name", "", nil, "another", ""},
	} {
		if got := preset.Guess(c.address, c.mx); got.Name != c.want || got.IMAP.Host != c.imap {
			t.Errorf("%s: %s at %q, want %s at %q", c.rule, got.Name, got.IMAP.Host, c.want, c.imap)
		}
	}
}

func TestEveryProviderIsWholeAndSecure(t *testing.T) {
	t.Parallel()
	for _, p := range preset.All() {
		if same, ok := preset.Named(p.Name); !ok || same.IMAP != p.IMAP {
			t.Errorf("%s is not found by its name", p.Name)
		}
		if p.Name != preset.Another && (p.IMAP.Host == "" || p.SMTP.Host == "") {
			t.Errorf("%s lacks a server", p.Name)
		}
		if p.IMAP.Security != imapbox.TLS || p.SMTP.Security == imapbox.Plain || (p.SMTP.Port != 465 && p.Name != "outlook") {
			t.Errorf("%s: %+v, %+v: want TLS, and port 465 before others", p.Name, p.IMAP, p.SMTP)
		}
		if (p.SignIn == preset.OAuth) != (p.OAuth != "") {
			t.Errorf("%s signs in by %s with %q", p.Name, p.SignIn, p.OAuth)
		}
	}
	if _, ok := preset.Named("nobody"); ok {
		t.Error("an unknown name is found")
	}
}
