package auth_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"huiyin/app/auth"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

var li = auth.FirstAdmin{Email: "li@huiyin.test", Name: "李雷", Password: password}

// first is the first run of an administrator.
func first(admin auth.FirstAdmin) auth.FirstRun {
	return auth.FirstRun{
		Admin: admin, Shop: tickets.Shop{Name: "青禾", Locale: "zh-CN", Timezone: "Asia/Shanghai", Country: "CN", Currency: "CNY"},
		Inbox: tickets.NewInbox{Channel: tickets.ChannelChat, Name: "青禾"},
	}
}

func (d *desk) code(t testing.TB) string {
	t.Helper()
	code, err := d.SetupCode(bg)
	ok(t, err)
	return code
}

func TestTheSetupCodeIsEasyToRead(t *testing.T) {
	d := onSQLite(t)
	if code := d.code(t); !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$`).MatchString(code) {
		t.Errorf("code %q has another form", code)
	}
	if another := newDesk(t, dbtest.Open(t, db.SQLite)); d.code(t) == another.code(t) {
		t.Error("two desks have one code")
	}
}

func TestEveryNodeAndEveryStartShowsTheSameSetupCode(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		var codes [4]string
		var all sync.WaitGroup
		for i := range codes {
			all.Go(func() {
				var err error
				if codes[i], err = d.service(d.lingering(), false).SetupCode(bg); err != nil {
					t.Errorf("setup code: %v", err)
				}
			})
		}
		all.Wait()
		for _, code := range codes {
			equal(t, code, d.code(t))
		}
	})
}

func TestTheFirstVisitorWithTheCodeIsTheAdministrator(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		code := d.code(t)
		needed, err := d.SetupNeeded(bg)
		ok(t, err)
		equal(t, needed, true)
		admin, err := d.Setup(bg, code, here, first(li))
		ok(t, err)
		equal(t, admin.Role, tickets.RoleAdmin)
		got, err := d.SignIn(bg, li.Email, li.Password, here)
		ok(t, err)
		equal(t, got.ID, admin.ID)
		for _, service := range []*auth.Service{d.Service, d.service(d.tickets, false)} { // this process and another
			needed, err := service.SetupNeeded(bg)
			ok(t, err)
			equal(t, needed, false)
			after, err := service.SetupCode(bg)
			ok(t, err)
			equal(t, after, "")
			_, err = service.Setup(bg, code, here, first(auth.FirstAdmin{Email: "han@huiyin.test", Name: "x", Password: password}))
			refused(t, err, fault.Conflict, "auth.error.set_up")
		}
		kept, _, err := d.tickets.Setting(bg, auth.SetupSetting)
		ok(t, err)
		equal(t, string(kept), "")
	})
}

func TestAnAgentAddedByCommandEndsTheSetup(t *testing.T) {
	d := onSQLite(t)
	code := d.code(t)
	d.agent(t, "wang@huiyin.test")
	_, err := d.Setup(bg, code, here, first(li))
	refused(t, err, fault.Conflict, "auth.error.set_up")
	equal(t, d.code(t), "")
}

func TestTheSetupCodeMayBeTypedAsItLooks(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"01AB-10CD-1Z00", "01ab10cd1z00", " OIAB LOCD IZOO ", "o1ab-l0cd-izoo", "０１ａｂ－１０ｃｄ－１ｚ００",
	} {
		t.Run(typed, func(t *testing.T) {
			d := onSQLite(t)
			ok(t, d.tickets.SetSetting(bg, auth.SetupSetting, []byte("01AB10CD1Z00")))
			_, err := d.Setup(bg, typed, here, first(auth.FirstAdmin{Email: "no address", Name: "x", Password: password}))
			refused(t, err, fault.Invalid, "error.identity.email") // the code was right
		})
	}
}

func TestWithoutTheCodeNobodySetsUp(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		try := func(code string) {
			t.Helper()
			_, err := d.Setup(bg, code, here, first(li))
			refused(t, err, fault.Invalid, "auth.error.setup_code")
			equal(t, fault.As(err).Fields[0].Name, "code")
		}
		try("") // and there is none yet
		code := d.code(t)
		for _, typed := range []string{"", "0000-0000-0000", code[:13], code + "0", strings.Repeat("0", 10000)} {
			try(typed)
		}
		equal(t, d.count(t, "agents"), 0)
	})
}

func TestWhatIsWrongInTheFormLeavesTheCodeGood(t *testing.T) {
	d := onSQLite(t)
	code := d.code(t)
	for range 9 { // the right code forgives them
		_, err := d.Setup(bg, "0000-0000-0000", here, first(li))
		refused(t, err, fault.Invalid, "auth.error.setup_code")
	}
	for key, admin := range map[string]auth.FirstAdmin{
		"auth.error.password_short":  {Email: li.Email, Name: li.Name, Password: "short"},
		"auth.error.password_common": {Email: li.Email, Name: li.Name, Password: "li20261123"},
		"error.identity.email":       {Email: "li", Name: li.Name, Password: password},
		"error.text.empty":           {Email: li.Email, Name: " ", Password: password},
	} {
		_, err := d.Setup(bg, code, here, first(admin))
		refused(t, err, fault.Invalid, key)
	}
	_, err := d.Setup(bg, code, here, first(li))
	ok(t, err)
}

func TestAfterTenWrongCodesAnAddressWaits(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		code := d.code(t)
		for range 10 {
			_, err := d.Setup(bg, "0000-0000-0000", here, first(li))
			refused(t, err, fault.Invalid, "auth.error.setup_code")
		}
		_, err := d.Setup(bg, code, here, first(li))
		paused(t, err, 15*time.Second)
		_, err = d.SignIn(bg, li.Email, password, here) // signing in is counted apart
		wrong(t, err)
		_, err = d.Setup(bg, code, address(1), first(auth.FirstAdmin{Email: li.Email, Name: li.Name, Password: "short"}))
		refused(t, err, fault.Invalid, "auth.error.password_short")
		d.advance(15 * time.Second)
		_, err = d.Setup(bg, code, here, first(li))
		ok(t, err)
	})
}

func TestSetupsAtTheSameTimeMakeOneAdministrator(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		code := d.code(t)
		domain := d.lingering()
		one, two := d.service(domain, false), d.service(domain, false)
		var errs [3]error
		var all sync.WaitGroup
		for i, service := range []*auth.Service{one, one, two} {
			all.Go(func() {
				admin := auth.FirstAdmin{Email: fmt.Sprintf("li%d@huiyin.test", i), Name: "x", Password: password}
				_, errs[i] = service.Setup(bg, code, address(i), first(admin))
			})
		}
		all.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
			} else if !fault.Is(err, fault.Conflict) {
				t.Errorf("unexpected error: %v", err)
			}
		}
		equal(t, done, 1)
		equal(t, d.count(t, "agents"), 1)
	})
}
