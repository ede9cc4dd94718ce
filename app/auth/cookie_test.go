package auth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"huiyin/app/auth"
)

func TestTheCookieIsKeptFromScriptsAndOtherSites(t *testing.T) {
	d := onSQLite(t)
	wang := d.agent(t, "wang@huiyin.test")
	for name, service := range map[string]*auth.Service{"huiyin": d.Service, "__Host-huiyin": d.service(d.tickets, true)} {
		answer := httptest.NewRecorder()
		service.Sessions().LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := service.Begin(r.Context(), wang.ID); err != nil {
				t.Errorf("begin: %v", err)
			}
			w.WriteHeader(http.StatusNoContent)
		})).ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/sign-in", nil))
		cookies := answer.Result().Cookies()
		equal(t, len(cookies), 1)
		c := cookies[0]
		equal(t, c.Name, name)
		equal(t, c.Secure, name != "huiyin")
		equal(t, c.HttpOnly, true)
		equal(t, c.SameSite, http.SameSiteLaxMode)
		equal(t, c.Path, "/")
		equal(t, c.Domain, "") // of this host only
		if left := time.Until(c.Expires); left < 14*day-time.Minute || left > 14*day+time.Minute {
			t.Errorf("the browser keeps it for %v, want 14 days", left)
		}
	}
}
