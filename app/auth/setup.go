package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"strings"

	"huiyin/tickets"
	"huiyin/tickets/fault"
)

const (
	setupSetting = "setup_code"
	// Crockford's alphabet: no letter looks like a digit (https://www.crockford.com/base32.html).
	setupAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	setupLength   = 12 // 60 bits
)

// SetupNeeded tells whether the desk has no agent yet.
func (s *Service) SetupNeeded(ctx context.Context) (bool, error) {
	if s.hasAgent.Load() {
		return false, nil
	}
	n, err := s.tickets.CountAgents(ctx)
	if err != nil {
		return false, err
	}
	s.hasAgent.Store(n > 0)
	return n == 0, nil
}

// SetupCode is the one-time code that the first visitor must know, "" when the desk has an agent. It is kept sealed in
// the database, so that every node and every start prints the same one.
func (s *Service) SetupCode(ctx context.Context) (string, error) {
	needed, err := s.SetupNeeded(ctx)
	if err != nil || !needed {
		return "", err
	}
	code := make([]byte, setupLength)
	_, _ = rand.Read(code) // never fails (crypto/rand)
	for i := range code {
		code[i] = setupAlphabet[int(code[i])%len(setupAlphabet)]
	}
	kept, err := s.tickets.ClaimSetting(ctx, setupSetting, code)
	return dashed(string(kept)), err
}

// FirstAdmin is who sets the desk up.
type FirstAdmin struct{ Email, Name, Password string }

// FirstRun is what the first visit makes: all of it or nothing.
type FirstRun struct {
	Admin FirstAdmin
	Shop  tickets.Shop
	Inbox tickets.NewInbox
}

// Setup makes the first administrator, the shop's settings and the first inbox for somebody at an address (see AddressKey)
// who knows the one-time code. Errors: Conflict when the desk has an agent, Invalid (fields code, email, name, password and
// those of shop and inbox), TooMany.
func (s *Service) Setup(ctx context.Context, code, address string, run FirstRun) (*tickets.Agent, error) {
	needed, err := s.SetupNeeded(ctx)
	if err != nil {
		return nil, err
	}
	if !needed {
		return nil, fault.New(fault.Conflict, "auth.error.set_up")
	}
	attempt, err := s.begin(ctx, setupKey(address))
	if err != nil {
		return nil, err
	}
	kept, found, err := s.tickets.Setting(ctx, setupSetting)
	if err != nil {
		return nil, err
	}
	if !found || len(kept) == 0 || subtle.ConstantTimeCompare(kept, []byte(plainCode(code))) != 1 {
		if needed, err := s.SetupNeeded(ctx); err != nil || !needed { // somebody was quicker, and the code is spent
			return nil, errors.Join(err, fault.New(fault.Conflict, "auth.error.set_up"))
		}
		return nil, fault.InvalidField("code", "wrong", "auth.error.setup_code", nil)
	}
	if err := s.forgive(ctx, attempt); err != nil {
		return nil, err
	}
	if err := CheckPassword(run.Admin.Password, run.Admin.Email); err != nil {
		return nil, err
	}
	hash, err := s.hasher.hash(ctx, run.Admin.Password)
	if err != nil {
		return nil, err
	}
	admin, _, err := s.tickets.BeginDesk(ctx, tickets.FirstRun{
		Admin: tickets.NewAgent{Email: run.Admin.Email, Name: run.Admin.Name, PasswordHash: hash},
		Shop:  run.Shop, Inbox: run.Inbox, Spend: setupSetting,
	})
	return admin, err
}

// dashed is the code as people read it: K7QF-2M9X-ABCD.
func dashed(code string) string {
	var groups []string
	for ; len(code) > 4; code = code[4:] {
		groups = append(groups, code[:4])
	}
	return strings.Join(append(groups, code), "-")
}

// plainCode is what somebody typed, as it is kept: look-alikes count as what they look like.
func plainCode(typed string) string {
	return strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(normal(typed)))
}
