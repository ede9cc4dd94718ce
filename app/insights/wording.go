package insights

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"huiyin/app/insights/grouping/lexicon"
	"huiyin/tickets/fault"
)

const (
	wordingSetting = "insight_wording"
	linesMost      = 30_000 // bytes of a shop's own lines
)

// Wording is what a shop adds to what Huiyin knows of words.
type Wording struct {
	// Lines of the lexicon, in its form (package lexicon). They hold for texts that come from now on, and for all in the next
	// pass.
	Lines string `json:"lines"`
	// AllTexts keeps texts that do not complain as well.
	AllTexts bool `json:"all_texts"`
}

// Wording gives it.
func (s *Service) Wording(ctx context.Context) (w Wording, err error) {
	data, set, err := s.Tickets.Setting(ctx, wordingSetting)
	if err == nil && set {
		err = json.Unmarshal(data, &w)
	}
	if err != nil {
		return Wording{}, fmt.Errorf("read the wording of insights: %w", err)
	}
	return w, nil
}

// SaveWording replaces it. Errors: Invalid (field lines), naming the line and what it should look like.
func (s *Service) SaveWording(ctx context.Context, w Wording) error {
	w.Lines = strings.TrimSpace(strings.ReplaceAll(w.Lines, "\r\n", "\n"))
	if err := checkLines(w.Lines); err != nil {
		return err
	}
	data, err := json.Marshal(w)
	if err != nil {
		return err
	}
	return s.Tickets.SetSetting(ctx, wordingSetting, data)
}

// checkLines checks a shop's own lines, each by itself. Errors: Invalid.
func checkLines(lines string) error {
	if len(lines) > linesMost {
		return fault.InvalidField("lines", "too_long", "insights.wrong.long", map[string]any{"max": linesMost})
	}
	known := builtinConcepts()
	begun, number := false, 0
	for line := range strings.Lines(lines) {
		number++
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, "|")
		name := strings.TrimSpace(parts[0])
		aspect := strings.HasPrefix(name, "== ")
		wrong := ""
		switch {
		case len(parts) != 3:
			wrong = "parts"
		case !begun && !aspect:
			wrong = "aspect"
		case strings.TrimSpace(parts[1])+strings.TrimSpace(parts[2]) == "":
			wrong = "phrases"
		case !aspect && name == "":
			wrong = "name"
		case !aspect && known[name]:
			wrong = "known"
		}
		if wrong != "" {
			return fault.InvalidField("lines", wrong, "insights.wrong."+wrong, map[string]any{"line": number, "name": name})
		}
		begun = begun || aspect
		known[name] = !aspect
	}
	if _, err := lexicon.With(lines); err != nil {
		return fault.InvalidField("lines", "invalid", "insights.wrong.read", nil)
	}
	return nil
}

// builtinConcepts are the names of Huiyin's concepts.
func builtinConcepts() map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(lexicon.ShopsText()) {
		name, _, ok := strings.Cut(line, "|")
		if name = strings.TrimSpace(name); ok && !strings.HasPrefix(name, "#") && !strings.HasPrefix(name, "== ") {
			out[name] = true
		}
	}
	return out
}

// lexicons keeps the lexicon with a shop's own lines, as long as these are the same.
type lexicons struct {
	mu    sync.Mutex
	lines string
	made  *lexicon.Lexicon
}

// lexicon is what the shop's concepts are found with: Huiyin's, and the shop's own lines.
func (s *Service) lexicon(ctx context.Context) (*lexicon.Lexicon, error) {
	w, err := s.Wording(ctx)
	if err != nil {
		return nil, err
	}
	s.lexicons.mu.Lock()
	defer s.lexicons.mu.Unlock()
	if s.lexicons.made == nil || s.lexicons.lines != w.Lines {
		made, err := lexicon.With(w.Lines)
		if err != nil {
			return nil, err
		}
		s.lexicons.made, s.lexicons.lines = made, w.Lines
	}
	return s.lexicons.made, nil
}

// AspectNames gives the names of aspects, by their keys, for people who read a language.
func (s *Service) AspectNames(ctx context.Context, locale string) (map[string]string, error) {
	l, err := s.lexicon(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(l.Aspects))
	for _, a := range l.Aspects {
		if out[a.Key] = a.English; strings.HasPrefix(locale, "zh") {
			out[a.Key] = a.Chinese
		}
	}
	return out, nil
}
