package main

import (
	"context"
	"fmt"

	"huiyin/app"
	"huiyin/app/config"
	"huiyin/tickets"
)

// newAgent are the settings of `huiyin agent add`.
type newAgent struct {
	Email string `env:"EMAIL" arg:"E-MAIL" usage:"What she signs in with."`
	Name  string `env:"NAME" arg:"NAME" usage:"What colleagues and shoppers read."`
	Role  string `env:"ROLE" envDefault:"agent" arg:"agent|manager|admin" usage:"What she may do; each role includes the one before."`
	config.Desk
}

// Check asks for what has no default.
func (n newAgent) Check() error {
	if err := needed("email", n.Email, "name", n.Name); err != nil {
		return err
	}
	if !tickets.Role(n.Role).Valid() {
		return &config.Error{Setting: "role", Problem: fmt.Sprintf("is %q; give agent, manager or admin", n.Role)}
	}
	return n.Desk.Check()
}

func agentAddCommand() command {
	return with(command{
		name: "agent add", brief: "adds somebody who answers; the password comes on standard input",
		about: "Adds an agent, manager or administrator. The password is one line on standard input; at a keyboard it is asked\n" +
			"for. A running desk knows her at once.",
	}, func(ctx context.Context, t *terminal, n *newAgent) error {
		password, err := t.readPassword()
		if err != nil {
			return err
		}
		return withDesk(ctx, t, n.Desk, func(d *app.Desk) error {
			agent, err := d.Auth.AddAgent(ctx, n.Email, n.Name, tickets.Role(n.Role), password)
			if err != nil {
				return err
			}
			fmt.Fprintf(t.stdout, "%s (%s) can sign in as %s.\n", agent.Name, agent.Role, agent.Email)
			return nil
		})
	})
}

// agentPassword are the settings of `huiyin agent password`.
type agentPassword struct {
	Email string `env:"EMAIL" arg:"E-MAIL" usage:"What she signs in with."`
	config.Desk
}

// Check asks for what has no default.
func (p agentPassword) Check() error {
	if err := needed("email", p.Email); err != nil {
		return err
	}
	return p.Desk.Check()
}

func agentPasswordCommand() command {
	return with(command{
		name: "agent password", brief: "sets an agent's password and ends her sessions",
		about: "Sets a new password, one line on standard input (at a keyboard it is asked for), and signs the agent out\n" +
			"everywhere. Her API tokens stay.",
	}, func(ctx context.Context, t *terminal, p *agentPassword) error {
		password, err := t.readPassword()
		if err != nil {
			return err
		}
		return withDesk(ctx, t, p.Desk, func(d *app.Desk) error {
			if err := d.Auth.SetPassword(ctx, p.Email, password); err != nil {
				return err
			}
			fmt.Fprintf(t.stdout, "The password of %s is set; her sessions have ended.\n", p.Email)
			return nil
		})
	})
}
