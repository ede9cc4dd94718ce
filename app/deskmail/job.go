package deskmail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"huiyin/app/mailer"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Kinds of mails that leave as jobs.
const (
	kindPassword   = "password"
	kindInvitation = "invitation"
)

// SendMail is the job that sends one mail. Its link is made when it is sent.
type SendMail struct {
	What       string `json:"what"`
	Agent      id.ID  `json:"agent,omitempty"` // zero with a password: nobody has the address that was asked for
	Invitation id.ID  `json:"invitation,omitempty"`
}

// Kind names the job.
func (SendMail) Kind() string { return "mail" }

const (
	// Attempts is how often a mail is tried: with River's pauses, over some six minutes. Somebody waits for it.
	Attempts = 5
	// stale is the age from which nobody waits for a mail any more (the desk was down).
	stale = 30 * time.Minute
)

// QueuePassword has a link for a new password sent to an agent. Zero is nobody: the same work is done, so that nobody
// can tell by the time an answer takes who works here.
func (s *Service) QueuePassword(ctx context.Context, agent id.ID) error {
	return s.queue(ctx, SendMail{What: kindPassword, Agent: agent})
}

// QueueInvitation has an invitation sent to whom it is for.
func (s *Service) QueueInvitation(ctx context.Context, invitation id.ID) error {
	return s.queue(ctx, SendMail{What: kindInvitation, Invitation: invitation})
}

func (s *Service) queue(ctx context.Context, job SendMail) error {
	if err := s.Store.Write(ctx, func(tx *gorm.DB) error { return s.Queue(tx, job) }); err != nil {
		return fmt.Errorf("queue a mail: %w", err)
	}
	return nil
}

// Work sends the mail of a job that was made at a time. A *mailer.Error tells by Lasting whether to try again.
func (s *Service) Work(ctx context.Context, job SendMail, made time.Time) error {
	if s.Now().Sub(made) > stale && job.What == kindPassword {
		return nil
	}
	var err error
	switch job.What {
	case kindPassword:
		err = s.sendPassword(ctx, job.Agent)
	case kindInvitation:
		err = s.sendInvitation(ctx, job.Invitation)
	}
	switch {
	case errors.Is(err, mailer.ErrUnset):
		s.Log.WarnContext(ctx, "a mail was asked for, and mail is not set up", "what", job.What)
		return nil
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Conflict):
		return nil // what it was about is over
	}
	return err
}

func (s *Service) sendPassword(ctx context.Context, agent id.ID) error {
	if agent == 0 {
		return nil
	}
	if ready, err := s.Ready(ctx); err != nil || !ready {
		return errors.Join(err, unset(ready))
	}
	who, err := s.Tickets.Agent(ctx, agent)
	if err != nil {
		return err
	}
	token, err := s.PasswordLink(ctx, agent)
	if err != nil {
		return err
	}
	return s.send(ctx, mailer.Address{Name: who.Name, Email: who.Email}, s.newPassword(ctx, who, token))
}

func (s *Service) sendInvitation(ctx context.Context, invitation id.ID) error {
	if ready, err := s.Ready(ctx); err != nil || !ready {
		return errors.Join(err, unset(ready))
	}
	who, err := s.Invitation(ctx, invitation)
	if err != nil {
		return err
	}
	return s.send(ctx, mailer.Address{Name: who.Name, Email: who.Email}, s.invited(ctx, who))
}

func unset(ready bool) error {
	if ready {
		return nil
	}
	return mailer.ErrUnset
}
