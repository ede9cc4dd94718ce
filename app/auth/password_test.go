package auth_test

import (
	"context"
	"encoding/base64"
	"errors"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"huiyin/app/auth"
	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct{ password, email, key string }{
		"nine characters are too few":              {"kT4-vw9!x", "", "short"},
		"ten are enough":                           {"kT4-vw9!xy", "", ""},
		"characters count, not bytes":              {"海内存知己天涯若比", "", "short"},
		"ten Chinese characters are enough":        {"海内存知己天涯若比邻", "", ""},
		"letter and accent count as one":           {strings.Repeat("e\u0301", 4) + "abcde", "", "short"},
		"256 characters are allowed":               {strings.Repeat("ab-", 85) + "c", "", ""},
		"257 are not":                              {strings.Repeat("ab-", 85) + "cd", "", "long"},
		"length is that of what is hashed":         {strings.Repeat("ﷺ", 15), "", "long"}, // one becomes 18
		"common ones are refused":                  {"qwertyuiop123", "", "common"},
		"in any case":                              {"QwertyUiop123", "", "common"},
		"in any width":                             {"ｑｗｅｒｔｙｕｉｏｐ１２３", "", "common"},
		"one character is no password":             {"aaaaaaaaaa", "", "common"},
		"nor are two":                              {"a!a!a!a!a!a!", "", "common"},
		"three may be":                             {"abcabcabca", "", ""},
		"not the own address":                      {"wangfang@shop.example", " WangFang@shop.example", "common"},
		"not the own name":                         {"Wangfang.Li", "wangfang.li@shop.example", "common"},
		"not the own name and a year":              {"wangfang1990", "wangfang@shop.example", "common"},
		"not the own name between digits":          {"!123wangfang.", "wangfang@shop.example", "common"},
		"not the own name that ends in digits":     {"wang88123456", "wang88@shop.example", "common"},
		"not the own name that is digits":          {"13800138000!", "13800138000@qq.example", "common"},
		"the own name among others is allowed":     {"wangfang likes tea", "wangfang@shop.example", ""},
		"digits are allowed when they are no name": {"8302718364", "wangfang@shop.example", ""},
		"no address changes nothing":               {"wangfang1990", "wangfang", ""},
	} {
		t.Run(rule, func(t *testing.T) {
			err := auth.CheckPassword(c.password, c.email)
			if c.key == "" {
				ok(t, err)
				return
			}
			refused(t, err, fault.Invalid, "auth.error.password_"+c.key)
			equal(t, fault.As(err).Fields[0].Name, "password")
		})
	}
}

func TestAPasswordIsKeptAsArgon2idWithASaltOfItsOwn(t *testing.T) {
	d := onSQLite(t)
	form := regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$`)
	salts := map[string]bool{}
	for _, email := range []string{"wang@huiyin.test", "zhao@huiyin.test"} {
		_, err := d.AddAgent(bg, email, "x", tickets.RoleAgent, password)
		ok(t, err)
		a, err := d.tickets.AgentByEmail(bg, email)
		ok(t, err)
		parts := form.FindStringSubmatch(a.Password)
		if parts == nil {
			t.Fatalf("kept as %s", a.Password)
		}
		salts[parts[1]] = true
		salt, err := base64.RawStdEncoding.DecodeString(parts[1])
		ok(t, err)
		equal(t, parts[2], base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(password), salt, 2, 19*1024, 1, 32)))
	}
	equal(t, len(salts), 2)
}

func TestAPasswordMayBeTypedOnAnotherSystem(t *testing.T) {
	d := onSQLite(t)
	_, err := d.AddAgent(bg, "wang@huiyin.test", "x", tickets.RoleAgent, "cafe\u0301 ｔｗｏ ﬁsh")
	ok(t, err)
	_, err = d.SignIn(bg, "wang@huiyin.test", "caf\u00e9 two fish", here)
	ok(t, err)
	_, err = d.SignIn(bg, "wang@huiyin.test", "cafe two fish", here)
	wrong(t, err)
}

// The hashes are those of the test vectors of argon2's reference implementation (phc-winner-argon2, src/test.c).
func TestAPasswordIsCheckedWithTheParametersItWasMadeWith(t *testing.T) {
	d := onSQLite(t)
	for email, phc := range map[string]string{
		"one@huiyin.test": "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"two@huiyin.test": "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	} {
		d.agentWith(t, email, phc)
		_, err := d.SignIn(bg, email, "password", here)
		ok(t, err)
		_, err = d.SignIn(bg, email, "Password", here)
		wrong(t, err)
	}
}

func TestAStoredPasswordThatIsNoneLetsNobodyIn(t *testing.T) {
	d := onSQLite(t)
	const salt = "c29tZXNhbHQ"
	key := func(bytes int) string { return base64.RawStdEncoding.EncodeToString(make([]byte, bytes)) }
	for name, phc := range map[string]string{
		"empty":            "",
		"bcrypt":           "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"before":           "x$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + key(32),
		"argon2i":          "$argon2i$v=19$m=8,t=1,p=1$" + salt + "$" + key(32),
		"version":          "$argon2id$v=16$m=8,t=1,p=1$" + salt + "$" + key(32),
		"no-parameters":    "$argon2id$v=19$$" + salt + "$" + key(32),
		"other-parameters": "$argon2id$v=19$t=1,m=8,p=1$" + salt + "$" + key(32),
		"no-memory":        "$argon2id$v=19$m=0,t=1,p=1$" + salt + "$" + key(32),
		"too-much-memory":  "$argon2id$v=19$m=65537,t=1,p=1$" + salt + "$" + key(32),
		"no-pass":          "$argon2id$v=19$m=8,t=0,p=1$" + salt + "$" + key(32),
		"too-many-passes":  "$argon2id$v=19$m=8,t=11,p=1$" + salt + "$" + key(32),
		"no-lane":          "$argon2id$v=19$m=8,t=1,p=0$" + salt + "$" + key(32),
		"too-many-lanes":   "$argon2id$v=19$m=8,t=1,p=256$" + salt + "$" + key(32),
		"no-key":           "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$",
		"short-key":        "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + key(15),
		"long-key":         "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + key(65),
		"salt-no-base64":   "$argon2id$v=19$m=8,t=1,p=1$s=lt$" + key(32),
		"key-no-base64":    "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + key(32) + "=",
		"something-behind": "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + key(32) + "$x",
	} {
		t.Run(name, func(t *testing.T) {
			d.agentWith(t, name+"@huiyin.test", phc)
			a, err := d.SignIn(bg, name+"@huiyin.test", password, name)
			if a != nil || err == nil || !fault.Is(err, fault.Internal) {
				t.Fatalf("got %v, %v, want an internal error", a, err)
			}
		})
	}
}

// Measured in memory, which unlike time is the same on a busy machine: argon2 takes 19 MiB. Not parallel: it looks at
// the allocations of the whole program.
func TestASignInCostsTheSameWhoeverItIs(t *testing.T) {
	d := newDesk(t, dbtest.Open(t, db.SQLite))
	_, err := d.AddAgent(bg, "known@huiyin.test", "x", tickets.RoleAgent, password)
	ok(t, err)
	gone, err := d.AddAgent(bg, "disabled@huiyin.test", "x", tickets.RoleAgent, password)
	ok(t, err)
	d.disable(t, gone.ID)
	for _, c := range []struct{ who, email, password string }{
		{"a known e-mail with a wrong password", "known@huiyin.test", guess},
		{"an unknown e-mail", "unknown@huiyin.test", guess},
		{"what is no e-mail", "nothing", guess},
		{"a disabled agent with the right password", "disabled@huiyin.test", password},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := d.SignIn(bg, c.email, c.password, here)
		runtime.ReadMemStats(&after)
		wrong(t, err)
		if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib < 19 || mib > 22 {
			t.Errorf("%s: %d MiB, want those 19 of one argon2id", c.who, mib)
		}
	}
}

func TestOnlyTwoPasswordsAreHashedAtOnceAndAGuessCountsThoughItsClientLeft(t *testing.T) {
	d := onSQLite(t)
	d.agent(t, "wang@huiyin.test")
	release := d.TakeSlots()
	for range 5 {
		ctx, cancel := context.WithTimeout(bg, 20*time.Millisecond)
		_, err := d.SignIn(ctx, "wang@huiyin.test", guess, here)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v, want it to wait until its client leaves", err)
		}
	}
	release()
	_, err := d.SignIn(bg, "wang@huiyin.test", password, here)
	paused(t, err, 15*time.Second)
}
