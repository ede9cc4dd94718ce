package main

import (
	"context"
	"fmt"
	"strings"

	"huiyin/app"
	"huiyin/app/auth"
	"huiyin/app/config"
)

// newToken are the settings of `huiyin token add`.
type newToken struct {
	Agent  string   `env:"AGENT" arg:"E-MAIL" usage:"The agent whose rights the token has."`
	Name   string   `env:"NAME" arg:"NAME" usage:"What the token is for, so that it can be told from others."`
	Scopes []string `env:"SCOPES" arg:"LIST" usage:"What the token may do, parted by commas: tickets:read, orders:write … Empty: all that its agent may."`
	config.Desk
}

// Check asks for what has no default.
func (n newToken) Check() error {
	if err := needed("agent", n.Agent, "name", n.Name); err != nil {
		return err
	}
	return n.Desk.Check()
}

func tokenAddCommand() command {
	return with(command{
		name: "token add", brief: "prints a new API token, the only time it can be read",
		about: "Makes an API token with the rights of an agent and prints it. Only its hash is kept: put the token away now.",
	}, func(ctx context.Context, t *terminal, n *newToken) error {
		return withDesk(ctx, t, n.Desk, func(d *app.Desk) error {
			token, err := d.Auth.AddToken(ctx, n.Agent, n.Name, scopes(n.Scopes)...)
			if err != nil {
				return err
			}
			fmt.Fprintln(t.stdout, token)
			return nil
		})
	})
}

// scopes reads the words of a flag; the service says which of them is none.
func scopes(words []string) (list []auth.Scope) {
	for _, word := range words {
		list = append(list, auth.Scope(strings.TrimSpace(word)))
	}
	return list
}
