package auth

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	tokenPrefix   = "hy_" // lets people and scanners of secrets know one when they see it
	tokenBytes    = 32
	tokenUseEvery = time.Minute // last_used_at is written at most so often
)

// apiToken is a row of api_tokens.
type apiToken struct {
	ID         id.ID `gorm:"primaryKey;autoIncrement:false"`
	AgentID    id.ID
	Name       []byte // sealed
	TokenHash  []byte
	Scopes     string // parted by blanks
	CreatedAt  int64  `gorm:"autoCreateTime:false"`
	LastUsedAt *int64
	RevokedAt  *int64
}

func (apiToken) TableName() string { return "api_tokens" }

// TokenUse is an API token that somebody has shown.
type TokenUse struct {
	ID     id.ID
	Agent  *tickets.Agent
	Scopes []Scope // empty: all that the agent may
}

// May tells whether the token has a scope.
func (u *TokenUse) May(scope Scope) bool {
	return len(u.Scopes) == 0 || slices.Contains(u.Scopes, scope)
}

// AgentOfToken is the agent whom an API token belongs to; the error is Unauthenticated when there is none. A token with
// scopes is for the API alone, and gives none.
func (s *Service) AgentOfToken(ctx context.Context, token string) (*tickets.Agent, error) {
	use, err := s.UseToken(ctx, token)
	if err != nil {
		return nil, err
	}
	if len(use.Scopes) > 0 {
		return nil, fault.New(fault.Denied, "auth.error.scoped")
	}
	return use.Agent, nil
}

// UseToken gives what an API token may do and whose it is; the error is Unauthenticated when there is none.
func (s *Service) UseToken(ctx context.Context, token string) (*TokenUse, error) {
	var row apiToken
	q := s.store.Read(ctx).Where("token_hash = ? AND revoked_at IS NULL", hashToken(token)).Limit(1).Find(&row)
	if q.Error != nil {
		return nil, q.Error
	}
	if q.RowsAffected == 0 {
		return nil, fault.New(fault.Unauthenticated, "auth.error.token")
	}
	agent, err := s.enabled(ctx, row.AgentID)
	if err != nil {
		return nil, err
	}
	now := s.now()
	if row.LastUsedAt == nil || now.Sub(time.UnixMilli(*row.LastUsedAt)) > tokenUseEvery {
		err = s.store.Write(ctx, func(tx *gorm.DB) error {
			return tx.Model(&apiToken{}).Where("id = ?", row.ID).UpdateColumn("last_used_at", now.UnixMilli()).Error
		})
	}
	return &TokenUse{ID: row.ID, Agent: agent, Scopes: scopesOf(row.Scopes)}, err
}

// AgentOf is the agent who makes a request, by API token or by session cookie, with the locale she chose ("": none).
// It needs no middleware around it, so that the chat's socket can ask. The error is Unauthenticated when there is
// nobody. A cookie goes with any request of her browser: the caller checks where the request comes from.
func (s *Service) AgentOf(r *http.Request) (tickets.Actor, string, error) {
	agent, err := s.agentOf(r)
	if err != nil {
		return tickets.Actor{}, "", err
	}
	return ActorOf(agent), agent.Locale, nil
}

func (s *Service) agentOf(r *http.Request) (*tickets.Agent, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return nil, fault.New(fault.Unauthenticated, "auth.error.token")
		}
		return s.AgentOfToken(r.Context(), strings.TrimSpace(token))
	}
	cookie, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil {
		return nil, fault.New(fault.Unauthenticated, "auth.error.not_signed_in")
	}
	ctx, err := s.sessions.Load(r.Context(), cookie.Value)
	if err != nil {
		return nil, err
	}
	return s.enabled(ctx, id.ID(s.sessions.GetInt64(ctx, sessionAgent)))
}

// ActorOf is the agent as the one who does something.
func ActorOf(agent *tickets.Agent) tickets.Actor {
	return tickets.Actor{Kind: tickets.ActorAgent, ID: agent.ID, Role: agent.Role}
}
