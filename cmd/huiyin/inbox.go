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
	"huiyin/mailin"
	"huiyin/tickets"
	"huiyin/tickets/id"
)

// newInbox are the settings of `huiyin inbox add`.
type newInbox struct {
	Channel string `env:"CHANNEL" arg:"CHANNEL" usage:"What comes in there: chat, email, form, phone or api."`
	Name    string `env:"NAME" arg:"NAME" usage:"What agents call it."`
	File    string `env:"CONFIG" arg:"FILE" usage:"Its settings as a JSON object: allowed_origins, enforce_identity, reopen_days, greeting, colour, position {side, x, y}, hotline, notice_url, notice_version, first_reply_minutes; of an e-mail inbox also mail. Empty: the defaults."`
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
			`  {"allowed_origins": ["https://shop.example.com"], "greeting": "Hello!"}` + "\n" +
			"For e-mail, mail is the mailbox; its mails are fetched from now on:\n" +
			`  {"mail": {"address": "support@shop.example.com",` + "\n" +
			`   "imap": {"host": "imap.example.com", "port": 993, "security": "tls", "user": "", "password": "SECRET"},` + "\n" +
			`   "smtp": {"host": "smtp.example.com", "port": 465, "security": "tls"}, "processed": "Huiyin", "older": "leave"}}` + "\n" +
			"security is tls, starttls or none; user is the address where it is empty, and smtp takes user and password of imap where\n" +
			"it has none. Further members, all of which may be left out: name, aliases, folder (INBOX), processed (empty: taken mails\n" +
			"stay, marked as seen), older (leave: mails from before stay unread by the desk), plus (yes, no: whether address+word@\n" +
			"arrives), auth_serv (whose Authentication-Results hold), auto_reply {on, text_zh, text_en, per_hour}, signature,\n" +
			"per_hour, per_day, blocked, allowed, max_mb, preset, oauth {provider, client_id, client_secret, auth_url, token_url,\n" +
			"scopes, refresh}. Passwords and secrets are kept sealed and never printed.",
	}, func(ctx context.Context, t *terminal, n *newInbox) error {
		file, err := readInboxFile(n.File)
		if err != nil {
			return err
		}
		if file.Mail != nil && tickets.Channel(n.Channel) != tickets.ChannelEmail {
			return &config.Error{Setting: "config", Problem: "has a member mail, which is for --channel email only"}
		}
		return withDesk(ctx, t, n.Desk, func(d *app.Desk) error {
			inbox, err := addInbox(ctx, d, tickets.NewInbox{Channel: tickets.Channel(n.Channel), Name: n.Name, Settings: file.InboxSettings}, file.Mail)
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

// inboxFile is the file of --config.
type inboxFile struct {
	tickets.InboxSettings
	Mail *mailin.Account `json:"mail"`
}

// addInbox makes an inbox, with its mailbox where it has one; both or neither.
func addInbox(ctx context.Context, d *app.Desk, n tickets.NewInbox, mail *mailin.Account) (*tickets.Inbox, error) {
	if mail == nil {
		return d.Tickets.CreateInbox(ctx, n)
	}
	mail.Active = true
	return d.Mailboxes().Add(ctx, n, *mail)
}

// readInboxFile reads the file of --config. A name that it does not know is refused: it may be misspelt.
func readInboxFile(name string) (inboxFile, error) {
	var file inboxFile
	if name == "" {
		return file, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return file, &config.Error{Setting: "config", Problem: "cannot be read: " + err.Error()}
	}
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	if err := in.Decode(&file); err != nil {
		return file, &config.Error{Setting: "config", Problem: "is no JSON object of settings: " + err.Error()}
	}
	if _, err := in.Token(); err != io.EOF { //nolint:errorlint // a decoder gives io.EOF as it is
		return file, &config.Error{Setting: "config", Problem: "holds more than one JSON object"}
	}
	return file, nil
}
