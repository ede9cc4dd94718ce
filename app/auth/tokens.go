package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// tokensMax is how many API tokens an agent may have at once.
const tokensMax = 20

// Token is an API token as its owner sees it; the secret itself is shown once and kept nowhere.
type Token struct {
	ID         id.ID
	Name       string
	Scopes     []Scope // empty: all that the agent may
	CreatedAt  int64
	LastUsedAt *int64 // to the minute
}

// AddToken makes an API token of the agent with this e-mail, with scopes or without, and gives it, for the only time. Errors:
// NotFound, Invalid.
func (s *Service) AddToken(ctx context.Context, email, name string, scopes ...Scope) (string, error) {
	agent, err := s.tickets.AgentByEmail(ctx, email)
	if err != nil {
		return "", err
	}
	return s.AddTokenOf(ctx, agent.ID, name, scopes...)
}

// AddTokenOf makes an API token of an agent and gives it, for the only time. Without scopes it may all that the agent
// may. Errors: Invalid (fields name, scopes).
func (s *Service) AddTokenOf(ctx context.Context, agent id.ID, name string, scopes ...Scope) (string, error) {
	words, err := scopeText(scopes)
	if err != nil {
		return "", err
	}
	name, err = tickets.OptionalLine("name", name, tickets.NameMax)
	if err != nil {
		return "", err
	}
	secret := make([]byte, tokenBytes)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	token := tokenPrefix + base64.RawURLEncoding.EncodeToString(secret)
	row := apiToken{ID: s.ids.Next(), AgentID: agent, TokenHash: hashToken(token), Scopes: words, CreatedAt: s.now().UnixMilli()}
	return token, s.store.Write(ctx, func(tx *gorm.DB) error {
		var n int64
		if err := tx.Model(&apiToken{}).Where("agent_id = ? AND revoked_at IS NULL", agent).Count(&n).Error; err != nil {
			return err
		}
		if n >= tokensMax {
			return fault.InvalidField("name", "too_many", "auth.error.tokens", map[string]any{"max": tokensMax})
		}
		var err error
		if row.Name, err = s.seal.SealText(tx, s.seal.DeskKey(), "api_tokens", "name", row.ID, name); err != nil {
			return err
		}
		if row.Name == nil {
			row.Name = []byte{}
		}
		return tx.Create(&row).Error
	})
}

// Tokens gives the API tokens of an agent that work, the oldest first.
func (s *Service) Tokens(ctx context.Context, agent id.ID) ([]Token, error) {
	var rows []apiToken
	db := s.store.Read(ctx)
	if err := db.Where("agent_id = ? AND revoked_at IS NULL", agent).Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Token, 0, len(rows))
	for _, row := range rows {
		one := Token{ID: row.ID, CreatedAt: row.CreatedAt, LastUsedAt: row.LastUsedAt, Scopes: scopesOf(row.Scopes)}
		if len(row.Name) > 0 {
			var err error
			if one.Name, err = s.seal.OpenText(db, "api_tokens", "name", row.ID, row.Name); err != nil {
				return nil, err
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// RevokeToken ends one of the agent's API tokens. Errors: NotFound, also for another's.
func (s *Service) RevokeToken(ctx context.Context, agent, token id.ID) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		q := tx.Model(&apiToken{}).Where("id = ? AND agent_id = ? AND revoked_at IS NULL", token, agent).UpdateColumn("revoked_at", s.now().UnixMilli())
		if q.Error == nil && q.RowsAffected == 0 {
			return fault.New(fault.NotFound, "auth.error.no_token")
		}
		return q.Error
	})
}
