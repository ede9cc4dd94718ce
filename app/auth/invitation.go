package auth

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// invitationsMax is how many invitations may be open at once.
const invitationsMax = 100

// NewInvitation is what Invite needs. Name may be empty: she gives it herself.
type NewInvitation struct {
	Email string
	Name  string
	Role  tickets.Role
}

// Invitation is an invitation that holds.
type Invitation struct {
	ID        id.ID
	Email     string
	Name      string
	Role      tickets.Role
	CreatedAt int64
	ExpiresAt int64
}

// Invite makes an invitation and gives it with its token, for the only time. It takes the place of an earlier one for the same
// address. Errors: Denied, Invalid (fields email, name, role), Conflict (field email: an agent has it).
func (s *Service) Invite(ctx context.Context, by tickets.Actor, n NewInvitation) (made Invitation, token string, err error) {
	email, ok := tickets.NormalEmail(n.Email)
	switch {
	case !ok:
		return made, "", fault.InvalidField("email", "invalid", "error.identity.email", nil)
	case !n.Role.Valid():
		return made, "", fault.InvalidField("role", "invalid", "error.agent.role", nil)
	}
	name, err := tickets.OptionalLine("name", n.Name, tickets.NameMax)
	if err != nil {
		return made, "", err
	}
	if _, err := s.tickets.AgentByEmail(ctx, email); err == nil {
		taken := fault.InvalidField("email", "taken", "error.agent.email_taken", nil)
		taken.Kind = fault.Conflict
		return made, "", taken
	} else if !fault.Is(err, fault.NotFound) {
		return made, "", err
	}
	l, token := s.newLink(linkInvitation, by, InvitationLife)
	l.Role, l.EmailHash = n.Role, s.seal.Hash(linkMailOf, email)
	made = invitationOf(l)
	made.Email, made.Name = email, name
	return made, token, s.store.Write(ctx, func(tx *gorm.DB) error {
		if err := s.tickets.MayManageTx(tx, by); err != nil {
			return err
		}
		if err := s.endLinks(tx, "email_hash = ?", l.EmailHash); err != nil {
			return err
		}
		var open int64
		holds := tx.Model(&link{}).Where("kind = ? AND "+linkHolds, linkInvitation, s.now().UnixMilli())
		if err := holds.Distinct("email_hash").Count(&open).Error; err != nil {
			return err
		}
		if open >= invitationsMax {
			return fault.InvalidField("email", "too_many", "auth.error.invitations", map[string]any{"max": invitationsMax})
		}
		return s.insertInvitation(tx, l, email, name)
	})
}

func (s *Service) insertInvitation(tx *gorm.DB, l *link, email, name string) (err error) {
	if l.EmailSealed, err = s.seal.SealText(tx, s.seal.DeskKey(), "agent_links", "email", l.ID, email); err != nil {
		return err
	}
	if l.NameSealed, err = s.seal.SealText(tx, s.seal.DeskKey(), "agent_links", "name", l.ID, name); err != nil {
		return err
	}
	return tx.Create(l).Error
}

// Invitations gives the invitations that hold, the newest first: one for each address, however many links lead to it.
func (s *Service) Invitations(ctx context.Context) ([]Invitation, error) {
	var rows []link
	db := s.store.Read(ctx)
	// Few rows: expired ones are swept.
	first := s.store.Read(ctx).Model(&link{}).Select("MIN(id)").Where("kind = ? AND "+linkHolds, linkInvitation, s.now().UnixMilli()).Group("email_hash")
	err := db.Where("id IN (?)", first).Limit(invitationsMax).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	out := make([]Invitation, 0, len(rows))
	for i := range rows {
		if err := s.openLink(db, &rows[i]); err != nil {
			return nil, err
		}
		out = append(out, invitationOf(&rows[i]))
	}
	slices.SortFunc(out, func(a, b Invitation) int { return int(b.CreatedAt - a.CreatedAt) })
	return out, nil
}

func invitationOf(l *link) Invitation {
	return Invitation{ID: l.ID, Email: l.Email, Name: l.Name, Role: l.Role, CreatedAt: l.CreatedAt, ExpiresAt: l.ExpiresAt}
}

// RevokeInvitation takes an invitation back; one that is over stays so. Errors: Denied.
func (s *Service) RevokeInvitation(ctx context.Context, by tickets.Actor, invitation id.ID) error {
	return s.store.Write(ctx, func(tx *gorm.DB) error {
		if err := s.tickets.MayManageTx(tx, by); err != nil {
			return err
		}
		return s.endInvitation(tx, invitation)
	})
}

// endInvitation ends all links that lead to an invitation.
func (s *Service) endInvitation(tx *gorm.DB, invitation id.ID) error {
	whose := tx.Session(&gorm.Session{NewDB: true}).Model(&link{}).Select("email_hash").Where("id = ?", invitation)
	return s.endLinks(tx, "kind = ? AND email_hash IN (?)", linkInvitation, whose)
}

// AgainInvitation makes another link to an invitation that holds, as long as it does, and gives its token, for the only
// time: one goes out by mail while the first may have been copied. Using one ends all. Errors: NotFound.
func (s *Service) AgainInvitation(ctx context.Context, invitation id.ID) (Invitation, string, error) {
	var old link
	db := s.store.Read(ctx)
	q := db.Where("id = ? AND kind = ? AND "+linkHolds, invitation, linkInvitation, s.now().UnixMilli()).Limit(1).Find(&old)
	if q.Error == nil && q.RowsAffected == 0 {
		q.Error = fault.New(fault.NotFound, "auth.error.link")
	}
	if q.Error != nil {
		return Invitation{}, "", q.Error
	}
	if err := s.openLink(db, &old); err != nil {
		return Invitation{}, "", err
	}
	l, token := s.newLink(linkInvitation, tickets.Actor{ID: old.MadeBy}, InvitationLife)
	l.Role, l.EmailHash, l.ExpiresAt = old.Role, old.EmailHash, old.ExpiresAt
	return invitationOf(&old), token, s.store.Write(ctx, func(tx *gorm.DB) error {
		var holds int64
		if err := tx.Model(&link{}).Where("id = ? AND "+linkHolds, old.ID, s.now().UnixMilli()).Count(&holds).Error; err != nil {
			return err
		}
		if holds == 0 {
			return fault.New(fault.NotFound, "auth.error.link") // taken back a moment ago
		}
		return s.insertInvitation(tx, l, old.Email, old.Name)
	})
}

// InvitationOf gives the invitation of a token. Errors: NotFound.
func (s *Service) InvitationOf(ctx context.Context, token string) (Invitation, error) {
	l, err := s.findLink(ctx, linkInvitation, token)
	if err != nil {
		return Invitation{}, err
	}
	return invitationOf(l), nil
}

// AcceptInvitation makes the invited an agent. Errors: NotFound, Invalid (fields name, password), Conflict when somebody
// with the address has become an agent meanwhile.
func (s *Service) AcceptInvitation(ctx context.Context, token, name, password, locale string) (*tickets.Agent, error) {
	l, err := s.findLink(ctx, linkInvitation, token)
	if err != nil {
		return nil, err
	}
	if err := CheckPassword(password, l.Email); err != nil {
		return nil, err
	}
	n := tickets.NewAgent{Email: l.Email, Name: name, Role: l.Role, Locale: locale}
	if n.PasswordHash, err = s.hasher.hash(ctx, password); err != nil {
		return nil, err
	}
	var agent *tickets.Agent
	return agent, s.store.Write(ctx, func(tx *gorm.DB) error {
		if err := s.spend(tx, l); err != nil {
			return err
		}
		if err := s.endInvitation(tx, l.ID); err != nil {
			return err
		}
		agent, err = s.tickets.CreateAgentTx(tx, n)
		if fault.Is(err, fault.Conflict) { // of no field: the form does not ask for the address
			err = fault.New(fault.Conflict, "error.agent.email_taken")
		}
		return err
	})
}
