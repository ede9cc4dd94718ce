package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"path"
	"slices"
	"strconv"
	"time"

	"huiyin/tickets"
)

// replier is the place of the one whose own quick replies are in the library.
const replier = 2

const repliesFile = "replies.csv"

// makeReplies gives the shop its quick replies, with the habits of some weeks.
func (s *Shop) makeReplies(ctx context.Context) error {
	for _, locale := range []string{zh, en} {
		text, err := libraryFiles.ReadFile(path.Join("library", locale, repliesFile))
		if err != nil {
			return err
		}
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil {
			return fmt.Errorf("quick replies in %s: %w", locale, err)
		}
		for i, row := range rows[1:] {
			if err := s.makeReply(ctx, row, i); err != nil {
				return fmt.Errorf("quick reply %s: %w", row[3], err)
			}
		}
	}
	return nil
}

// makeReply adds one: whose it is, group, subgroup, title, shortcut, text, how often it was used.
func (s *Shop) makeReply(ctx context.Context, row []string, n int) error {
	desk := tickets.Actor{Kind: tickets.ActorSystem}
	shelf, reader := tickets.Everyones, desk
	if !shelfKnown(row[0]) {
		return fmt.Errorf("no shelf %q", row[0])
	}
	if team, ok := teamOf[row[0]]; ok {
		shelf = tickets.MacroShelf{Scope: tickets.MacroTeam, Owner: s.Teams[team]}
	} else if row[0] == string(tickets.MacroPerson) {
		reader = tickets.Actor{Kind: tickets.ActorAgent, ID: s.Agents[replier], Role: staff[replier].role}
		shelf = tickets.MacroShelf{Scope: tickets.MacroPerson, Owner: reader.ID}
	}
	m, err := s.services.Tickets.AddMacro(ctx, desk, tickets.MacroEdit{
		Shelf: shelf, Group: row[1], Subgroup: row[2], Title: row[3], Shortcut: row[4], Text: row[5],
	})
	if err != nil {
		return err
	}
	uses, err := strconv.Atoi(row[6])
	if err != nil {
		return err
	}
	// some of them in the past weeks: the demo answers within ten seconds, so not all
	for use := range min(uses/8, 8) {
		at := s.services.Now().Add(-time.Duration(n+10-use) * 7 * time.Hour)
		past := s.services.New(func() time.Time { return at })
		if err := past.UseMacro(ctx, reader, m.ID); err != nil {
			return err
		}
	}
	return nil
}

// shelfKnown tells whether a shelf's name in the library is one.
func shelfKnown(name string) bool {
	_, team := teamOf[name]
	return team || slices.Contains([]string{string(tickets.MacroEveryone), string(tickets.MacroPerson)}, name)
}
