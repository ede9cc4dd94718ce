package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"huiyin/app"
	"huiyin/app/config"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// newInbox are the settings of `huiyin inbox add`.
type newInbox struct {
	Channel string `env:"CHANNEL" arg:"CHANNEL" usage:"What comes in there: chat, email, form, phone or api."`
	Name    string `env:"NAME" arg:"NAME" usage:"What agents call it."`
	File    string `env:"CONFIG" arg:"FILE" usage:"Its settings as a JSON object: allowed_origins, enforce_identity, reopen_days, greeting, colour, position {side, x, y}, hotline, notice_url, notice_version, first_reply_minutes. Empty: the defaults."`
	config.Desk
}

// Check asks for what has no default.
func (n newInbox) Check() error {
	if err := needed("channel", n.Channel, "name", n.Name); err != nil {
		return err
	}
	switch tickets.Channel(n.Channel) {
	case tickets.ChannelChat, tickets.ChannelEmail, tickets.ChannelForm, tickets.ChannelPhone, tickets.ChannelAPI:
		return n.Desk.Check()
	}
	return &config.Error{Setting: "channel", Problem: fmt.Sprintf("is %q; give chat, email, form, phone or api", n.Channel)}
}

// shownInbox is an inbox as the command prints it.
type shownInbox struct {
	ID       id.ID                 `json:"id"`
	Channel  tickets.Channel       `json:"channel"`
	Name     string                `json:"name"`
	Key      string                `json:"key"`
	Secret   string                `json:"secret"`
	Settings tickets.InboxSettings `json:"settings"`
}

func inboxAddCommand() command {
	return with(command{
		name: "inbox add", brief: "opens a door for shoppers and prints it as JSON",
		about: "Adds an inbox and prints it as JSON: its public key stands in the shop's pages, its secret stays on the shop's\n" +
			"server and signs who a shopper is. For a chat, allowed_origins lists the sites that may show it:\n" +
			`  {"allowed_origins": ["https://shop.example.com"], "greeting": "Hello!"}`,
	}, func(ctx context.Context, t *terminal, n *newInbox) error {
		settings, err := readInboxSettings(n.File)
		if err != nil {
			return err
		}
		return withDesk(ctx, t, n.Desk, func(d *app.Desk) error {
			inbox, err := d.Tickets.CreateInbox(ctx, tickets.NewInbox{Channel: tickets.Channel(n.Channel), Name: n.Name, Settings: settings})
			if err != nil {
				return err
			}
			out := json.NewEncoder(t.stdout)
			out.SetEscapeHTML(false)
			out.SetIndent("", "  ")
			return out.Encode(shownInbox{
				ID: inbox.ID, Channel: inbox.Channel, Name: inbox.Name, Key: inbox.Key, Secret: inbox.Secret, Settings: inbox.Settings,
			})
		})
	})
}

// readInboxSettings reads the file of --config. A name that it does not know is refused: it may be misspelt.
func readInboxSettings(file string) (tickets.InboxSettings, error) {
	var settings tickets.InboxSettings
	if file == "" {
		return settings, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return settings, &config.Error{Setting: "config", Problem: "cannot be read: " + err.Error()}
	}
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	if err := in.Decode(&settings); err != nil {
		return settings, &config.Error{Setting: "config", Problem: "is no JSON object of settings: " + err.Error()}
	}
	if _, err := in.Token(); err != io.EOF { //nolint:errorlint // a decoder gives io.EOF as it is
		return settings, &config.Error{Setting: "config", Problem: "holds more than one JSON object"}
	}
	return settings, nil
}
