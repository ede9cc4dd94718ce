package auth

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"
	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
	"huiyin/tickets/seal"
)

// Service tells who somebody is.
type Service struct {
	store    tickets.Store
	tickets  *tickets.Service
	seal     *seal.Sealer
	ids      *id.Maker
	now      func() time.Time
	log      *slog.Logger
	hasher   hasher
	sessions *scs.SessionManager

	hasAgent atomic.Bool // once true, for good
}

// Options are what New needs.
type Options struct {
	Store   tickets.Store
	Tickets *tickets.Service
	Sealer  *seal.Sealer
	IDs     *id.Maker
	Now     func() time.Time
	Log     *slog.Logger
	// Secure says that browsers reach the desk by https: cookies are then marked Secure and bound to the host.
	Secure bool
}

// New makes the service.
func New(o Options) *Service {
	s := &Service{
		store: o.Store, tickets: o.Tickets, seal: o.Sealer, ids: o.IDs, now: o.Now, log: o.Log,
		hasher: newHasher(),
	}
	s.sessions = s.newSessions(o.Secure)
	return s
}

// AddAgent adds an agent with a password. Errors: Invalid (fields email, name, role, password), Conflict when the
// e-mail belongs to another agent.
func (s *Service) AddAgent(ctx context.Context, email, name string, role tickets.Role, password string) (*tickets.Agent, error) {
	if err := CheckPassword(password, email); err != nil {
		return nil, err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return nil, err
	}
	return s.tickets.CreateAgent(ctx, tickets.NewAgent{Email: email, Name: name, Role: role, PasswordHash: hash})
}

// SetPassword sets the password of the agent with this e-mail and ends all her sessions. Errors: NotFound, Invalid.
func (s *Service) SetPassword(ctx context.Context, email, password string) error {
	agent, err := s.tickets.AgentByEmail(ctx, email)
	if err != nil {
		return err
	}
	return s.replacePassword(ctx, agent, password, func(tx *gorm.DB) error { return s.endLinks(tx, "agent_id = ?", agent.ID) })
}

// SignIn checks e-mail and password of somebody at an address (see AddressKey). Whatever is wrong, the error is the
// same Unauthenticated one; after too many failures it is TooMany with the time to wait.
func (s *Service) SignIn(ctx context.Context, email, password, address string) (*tickets.Agent, error) {
	attempt, err := s.begin(ctx, emailKey(email), addressKey(address))
	if err != nil {
		return nil, err
	}
	agent, err := s.tickets.AgentByEmail(ctx, email)
	if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Invalid) {
		return nil, err
	}
	stored := nobodysPassword
	if err == nil {
		stored = agent.Password
	}
	right, verifyErr := s.hasher.verify(ctx, stored, password)
	switch {
	case verifyErr != nil:
		return nil, verifyErr
	case err != nil || !right || agent.DisabledAt != nil:
		return nil, fault.New(fault.Unauthenticated, "auth.error.sign_in")
	}
	return agent, s.forgive(ctx, attempt)
}

// Sweep deletes expired sessions, links that are long over, and failures that no longer count, at most limit of each.
func (s *Service) Sweep(ctx context.Context, limit int) error {
	now := s.now()
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		old := tx.Model(&session{}).Select("token_hash").Where("expires_at < ?", now.UnixMilli()).Limit(limit)
		if err := tx.Where("token_hash IN (?)", old).Delete(&session{}).Error; err != nil {
			return err
		}
		over := tx.Model(&link{}).Select("id").Where("expires_at < ?", now.Add(-linkKeptFor).UnixMilli()).Limit(limit)
		if err := tx.Where("id IN (?)", over).Delete(&link{}).Error; err != nil {
			return err
		}
		stale := tx.Model(&failure{}).Select("key_hash").Where("updated_at < ?", now.Add(-forgetAfter).UnixMilli()).Limit(limit)
		return tx.Where("key_hash IN (?)", stale).Delete(&failure{}).Error
	})
}
