package mailin_test

import (
	"testing"

	"huiyin/mailin"
)

func TestWhoSavesAMailboxLosesNoTokenThatCameMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		first := mailin.OAuth{Provider: "google", ClientID: "desk", ClientSecret: "s", Refresh: "refresh-1", Access: "a", ExpiresAt: 1000}
		a := mailin.Account{InboxID: d.inbox.ID, Address: "support@shop.test", IMAP: mailin.Server{Host: "imap.shop.test"}, OAuth: &first}
		must(t, d.Save(bg, a))
		kept := func() mailin.OAuth {
			got, err := d.Account(bg, d.inbox.ID)
			must(t, err)
			return *got.OAuth
		}
		page, err := d.Account(bg, d.inbox.ID) // somebody opens the page, and the reader refreshes
		must(t, err)
		second := first
		second.Refresh, second.ExpiresAt, second.ClientSecret = "refresh-2", 2000, "of before"
		must(t, d.KeepTokens(bg, d.inbox.ID, second))
		if got := kept(); got.Refresh != "refresh-2" || got.ClientSecret != "s" {
			t.Errorf("a refresh has kept %q with the secret %q", got.Refresh, got.ClientSecret)
		}
		page.Signature = "Bye"
		must(t, d.Save(bg, *page))
		if got := kept(); got.Refresh != "refresh-2" {
			t.Errorf("the page brought %q back", got.Refresh)
		}
		page.OAuth.ClientID = "another" // then no token of before is worth anything
		page.OAuth.Refresh = ""
		must(t, d.Save(bg, *page))
		if got := kept(); got.Refresh != "" {
			t.Errorf("another registration has %q", got.Refresh)
		}
	})
}
