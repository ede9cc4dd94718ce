package auth

import (
	"context"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// PasswordLink makes a link by which an agent sets a new password, and gives its token, for the only time. Earlier ones of
// hers end. by is an administrator, or the desk for a link that goes out by mail. Errors: Denied, NotFound, Conflict when
// she is disabled.
func (s *Service) PasswordLink(ctx context.Context, by tickets.Actor, agent id.ID, life time.Duration) (token string, err error) {
	who, err := s.tickets.Agent(ctx, agent)
	if err != nil {
		return "", err
	}
	if who.DisabledAt != nil {
		return "", fault.New(fault.Conflict, "auth.error.disabled")
	}
	l, token := s.newLink(linkPassword, by, life)
	l.AgentID = &agent
	return token, s.store.Write(ctx, func(tx *gorm.DB) error {
		if err := s.tickets.MayManageTx(tx, by); err != nil {
			return err
		}
		if err := s.endLinks(tx, "agent_id = ?", agent); err != nil {
			return err
		}
		return tx.Create(l).Error
	})
}

// Forgot counts that somebody at an address asks for a new password of an e-mail. It gives the agent who is to get a mail,
// zero for nobody: what is said and done must be the same then. After a few the error is TooMany.
func (s *Service) Forgot(ctx context.Context, email, address string) (id.ID, error) {
	if _, ok := tickets.NormalEmail(email); !ok {
		return 0, fault.InvalidField("email", "invalid", "error.identity.email", nil)
	}
	if _, err := s.begin(ctx, forgotKey(email), forgotAddressKey(address)); err != nil {
		return 0, err
	}
	agent, err := s.tickets.AgentByEmail(ctx, email)
	switch {
	case fault.Is(err, fault.NotFound), err == nil && agent.DisabledAt != nil:
		return 0, nil
	case err != nil:
		return 0, err
	}
	return agent.ID, nil
}

// PasswordLinkOf gives whose password a link sets. Errors: NotFound.
func (s *Service) PasswordLinkOf(ctx context.Context, token string) (*tickets.Agent, error) {
	_, agent, err := s.passwordLink(ctx, token)
	return agent, err
}

func (s *Service) passwordLink(ctx context.Context, token string) (*link, *tickets.Agent, error) {
	l, err := s.findLink(ctx, linkPassword, token)
	if err != nil {
		return nil, nil, err
	}
	agent, err := s.tickets.Agent(ctx, *l.AgentID)
	if err == nil && agent.DisabledAt != nil {
		err = fault.New(fault.NotFound, "auth.error.link")
	}
	return l, agent, err
}

// SetPasswordByLink sets a new password and ends all sessions of the agent. Errors: NotFound, Invalid (field password).
func (s *Service) SetPasswordByLink(ctx context.Context, token, password string) (*tickets.Agent, error) {
	l, agent, err := s.passwordLink(ctx, token)
	if err != nil {
		return nil, err
	}
	return agent, s.replacePassword(ctx, agent, password, func(tx *gorm.DB) error { return s.spend(tx, l) })
}

// ChangePassword changes one's own password for who knows the one of now. All her sessions end, this one too: the caller
// begins a new one. Errors: Invalid (fields current, password), TooMany.
func (s *Service) ChangePassword(ctx context.Context, agent *tickets.Agent, current, password, address string) error {
	attempt, err := s.begin(ctx, emailKey(agent.Email), addressKey(address))
	if err != nil {
		return err
	}
	right, err := s.hasher.verify(ctx, agent.Password, current)
	if err != nil {
		return err
	}
	if !right {
		return fault.InvalidField("current", "wrong", "auth.error.current", nil)
	}
	if err := s.forgive(ctx, attempt); err != nil {
		return err
	}
	return s.replacePassword(ctx, agent, password, func(tx *gorm.DB) error { return s.endLinks(tx, "agent_id = ?", agent.ID) })
}

// replacePassword sets a password and ends the sessions of before, in one transaction with what comes first.
func (s *Service) replacePassword(ctx context.Context, agent *tickets.Agent, password string, first func(tx *gorm.DB) error) error {
	if err := CheckPassword(password, agent.Email); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		if err := first(tx); err != nil {
			return err
		}
		if err := s.tickets.SetAgentPasswordTx(tx, agent.ID, hash); err != nil {
			return err
		}
		return tx.Where("agent_id = ?", agent.ID).Delete(&session{}).Error
	})
}

// Disable lets an agent in no longer and ends what she has: sessions, API tokens, links that she made or was given. Her
// tickets stay hers. Errors: Denied, NotFound, Conflict (oneself; the last administrator).
func (s *Service) Disable(ctx context.Context, by tickets.Actor, agent id.ID) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		if err := s.tickets.DisableAgentTx(tx, by, agent); err != nil {
			return err
		}
		if err := tx.Where("agent_id = ?", agent).Delete(&session{}).Error; err != nil {
			return err
		}
		revoked := tx.Model(&apiToken{}).Where("agent_id = ? AND revoked_at IS NULL", agent).UpdateColumn("revoked_at", s.now().UnixMilli())
		if revoked.Error != nil {
			return revoked.Error
		}
		if err := s.endLinks(tx, "agent_id = ?", agent); err != nil {
			return err
		}
		return s.endLinks(tx, "made_by = ?", agent)
	})
}
