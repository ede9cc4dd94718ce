package auth

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// A session lives for sessionLife after its last use; its end is moved at most once in sessionSlide.
const (
	sessionLife  = 14 * 24 * time.Hour
	sessionSlide = 12 * time.Hour
)

const sessionAgent = "agent" // the agent's id, int64

// Sessions are the browsers' sessions; app/web wraps the pages that need one.
func (s *Service) Sessions() *scs.SessionManager { return s.sessions }

// newSessions does without scs.New, which starts a goroutine that nothing stops. What scs.New sets besides is a key for
// contexts, so that several managers can share one; the desk has only this one.
func (s *Service) newSessions(secure bool) *scs.SessionManager {
	m := &scs.SessionManager{
		Lifetime: sessionLife,
		Store:    &sessionStore{s},
		Codec:    scs.GobCodec{},
		Cookie:   scs.SessionCookie{Name: "huiyin", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Persist: true},
		ErrorFunc: func(w http.ResponseWriter, r *http.Request, err error) {
			s.log.ErrorContext(r.Context(), "session", "error", err)
			w.WriteHeader(http.StatusInternalServerError)
		},
	}
	if secure {
		m.Cookie.Secure = true
		m.Cookie.Name = "__Host-huiyin" // RFC 6265bis: only ever set by this very host, over https
	}
	return m
}

// beginning marks the context of the one commit that may make an agent's session.
type beginning struct{}

// Begin makes the session of ctx (one of Sessions) that of an agent, under a new token, and stores it.
func (s *Service) Begin(ctx context.Context, agent id.ID) error {
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionAgent, int64(agent))
	s.sessions.SetDeadline(ctx, s.now().Add(sessionLife))
	_, _, err := s.sessions.Commit(context.WithValue(ctx, beginning{}, true))
	return err
}

// End destroys the session of ctx.
func (s *Service) End(ctx context.Context) error { return s.sessions.Destroy(ctx) }

// EndSessions ends all sessions of an agent.
func (s *Service) EndSessions(ctx context.Context, agent id.ID) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Where("agent_id = ?", agent).Delete(&session{}).Error
	})
}

// Current is the agent of the session of ctx. The error is Unauthenticated when there is none, or she is disabled.
func (s *Service) Current(ctx context.Context) (*tickets.Agent, error) {
	agent, err := s.enabled(ctx, id.ID(s.sessions.GetInt64(ctx, sessionAgent)))
	if err == nil && s.sessions.Deadline(ctx).Sub(s.now()) < sessionLife-sessionSlide {
		s.sessions.SetDeadline(ctx, s.now().Add(sessionLife))
	}
	return agent, err
}

func (s *Service) enabled(ctx context.Context, agentID id.ID) (*tickets.Agent, error) {
	if agentID == 0 {
		return nil, fault.New(fault.Unauthenticated, "auth.error.not_signed_in")
	}
	agent, err := s.tickets.Agent(ctx, agentID)
	switch {
	case fault.Is(err, fault.NotFound), err == nil && agent.DisabledAt != nil:
		return nil, fault.New(fault.Unauthenticated, "auth.error.not_signed_in")
	case err != nil:
		return nil, err
	}
	return agent, nil
}

// session is a row of web_sessions.
type session struct {
	TokenHash []byte `gorm:"primaryKey"`
	ID        id.ID
	AgentID   *id.ID
	Data      []byte // sealed
	ExpiresAt int64
}

func (session) TableName() string { return "web_sessions" }

// sessionStore keeps sessions for scs: by the hash of their token, sealed.
type sessionStore struct{ *Service }

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// FindCtx gives the data of a token that has not expired.
func (s *sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var row session
	db := s.store.Read(ctx)
	q := db.Where("token_hash = ? AND expires_at > ?", hashToken(token), s.now().UnixMilli()).Limit(1).Find(&row)
	if q.Error != nil || q.RowsAffected == 0 {
		return nil, false, q.Error
	}
	data, err := s.seal.Open(db, "web_sessions", "data", row.ID, row.Data)
	return data, err == nil, err
}

// CommitCtx stores a session under its token. An agent's session that is no longer there stays away: it was ended while a
// request was under way in it.
func (s *sessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	// The session in ctx is locked by scs while it is stored: what is in it is read from data.
	_, values, err := s.sessions.Codec.Decode(data)
	if err != nil {
		return fmt.Errorf("read the session to be stored: %w", err)
	}
	row := session{TokenHash: hashToken(token), ExpiresAt: expiry.UnixMilli()}
	if agent, ok := values[sessionAgent].(int64); ok && agent != 0 {
		who := id.ID(agent)
		row.AgentID = &who
	}
	fresh := s.ids.Next()
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		var old session
		found := tx.Select("id").Where("token_hash = ?", row.TokenHash).Limit(1).Find(&old)
		if found.Error != nil {
			return found.Error
		}
		row.ID = fresh
		switch {
		case found.RowsAffected > 0:
			row.ID = old.ID
		case row.AgentID != nil && ctx.Value(beginning{}) == nil:
			return nil
		}
		var err error
		if row.Data, err = s.seal.Seal(tx, s.seal.DeskKey(), "web_sessions", "data", row.ID, data); err != nil {
			return err
		}
		if found.RowsAffected == 0 {
			return tx.Create(&row).Error
		}
		return tx.Model(&session{}).Where("token_hash = ?", row.TokenHash).
			UpdateColumns(map[string]any{"agent_id": row.AgentID, "data": row.Data, "expires_at": row.ExpiresAt}).Error
	})
}

// DeleteCtx ends a session.
func (s *sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		return tx.Where("token_hash = ?", hashToken(token)).Delete(&session{}).Error
	})
}

// Find, Commit and Delete are there because scs.Store asks for them; scs calls the ones with a context.
func (s *sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *sessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
