package auth_test

import "testing"

func TestAnAgentSignsInWithEMailAndPassword(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		wang := d.agent(t, "wang@huiyin.test")
		d.agent(t, "zhao@huiyin.test")
		got, err := d.SignIn(bg, " Wang@Huiyin.Test ", password, here)
		ok(t, err)
		equal(t, got.ID, wang.ID)
		equal(t, d.count(t, "sign_in_failures"), 1) // the address, with nothing against it
	})
}

func TestWhateverIsWrongTheAnswerIsTheSame(t *testing.T) {
	d := onSQLite(t)
	d.agent(t, "wang@huiyin.test")
	gone := d.agent(t, "gone@huiyin.test")
	d.disable(t, gone.ID)
	for _, c := range []struct{ email, password string }{
		{"wang@huiyin.test", guess}, {"wang@huiyin.test", ""}, {"wang@huiyin.test", password + " "},
		{"gone@huiyin.test", password}, {"nobody@huiyin.test", password}, {"", password}, {"\xff\x00", "\xff\x00"},
	} {
		a, err := d.SignIn(bg, c.email, c.password, here)
		wrong(t, err)
		if a != nil {
			t.Fatalf("got %v with the error", a)
		}
	}
}
