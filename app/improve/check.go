package improve

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// wrong collects what is wrong with a form.
type wrong struct{ fields []fault.Field }

func (w *wrong) add(name, code, key string, args map[string]any) {
	w.fields = append(w.fields, fault.Field{Name: name, Code: code, Key: key, Args: args})
}

func (w *wrong) err() error {
	if len(w.fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Key: "improve.error.invalid", Fields: w.fields}
}

// check brings a draft into its form. Errors: Invalid with fields.
func (s *Service) check(ctx context.Context, d *Draft) error {
	w := &wrong{}
	d.Title = strings.Join(strings.Fields(d.Title), " ")
	switch {
	case d.Title == "":
		w.add("title", "required", "improve.error.title", nil)
	case !fits(d.Title, TitleMax):
		w.add("title", "too_long", "improve.error.long", map[string]any{"max": TitleMax})
	}
	for _, one := range []struct {
		name string
		text *string
	}{{"what", &d.What}, {"why", &d.Why}} {
		if *one.text = strings.TrimSpace(strings.ReplaceAll(*one.text, "\r\n", "\n")); !fits(*one.text, TextMax) {
			w.add(one.name, "too_long", "improve.error.long", map[string]any{"max": TextMax})
		}
	}
	d.Links = checkLinks(d.Links, w)
	for _, one := range []struct{ name, day string }{{"due", d.Due}, {"change_day", d.ChangeDay}} {
		if _, err := time.Parse(time.DateOnly, one.day); one.day != "" && err != nil {
			w.add(one.name, "date", "improve.error.day", nil)
		}
	}
	if d.Target == 0 {
		d.Target = TargetUsual
	}
	if d.Target < targetMin || d.Target > targetMax {
		w.add("target", "range", "improve.error.target", map[string]any{"min": targetMin, "max": targetMax})
	}
	if d.How == "" {
		d.How = Everybody
	}
	if d.How != Everybody && d.How != OnTrial {
		w.add("how", "invalid", "web.error.choice", nil)
	}
	if err := s.checkOwner(ctx, d.Owner, w); err != nil {
		return err
	}
	if err := s.checkGroups(ctx, d, w); err != nil {
		return err
	}
	return w.err()
}

func fits(text string, most int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= most
}

// checkLinks takes addresses of the web alone: they are shown as links.
func checkLinks(list []string, w *wrong) (out []string) {
	for _, one := range list {
		if one = strings.TrimSpace(one); one == "" || slices.Contains(out, one) {
			continue
		}
		u, err := url.Parse(one)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || !fits(one, LinkMax) {
			w.add("links", "url", "improve.error.link", map[string]any{"link": short(one)})
			return out
		}
		out = append(out, one)
	}
	if len(out) > LinksMost {
		w.add("links", "too_many", "improve.error.links", map[string]any{"max": LinksMost})
	}
	return out
}

// short is the beginning of a text, for an error.
func short(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

func (s *Service) checkOwner(ctx context.Context, owner id.ID, w *wrong) error {
	if owner == 0 {
		return nil
	}
	a, err := s.Tickets.Agent(ctx, owner)
	if fault.Is(err, fault.NotFound) || err == nil && a.DisabledAt != nil {
		w.add("owner", "unknown", "improve.error.owner", nil)
		return nil
	}
	return err
}

func (s *Service) checkGroups(ctx context.Context, d *Draft, w *wrong) error {
	if len(d.Groups) > GroupsMost {
		w.add("groups", "too_many", "improve.error.groups", map[string]any{"max": GroupsMost})
		return nil
	}
	shown := make([]id.ID, 0, len(d.Groups))
	for _, one := range d.Groups {
		g, err := s.Insights.Group(ctx, one)
		if fault.Is(err, fault.NotFound) {
			w.add("groups", "unknown", "improve.error.group", nil)
			return nil
		}
		if err != nil {
			return err
		}
		if !slices.Contains(shown, g.ID) {
			shown = append(shown, g.ID)
		}
	}
	d.Groups = shown
	return nil
}
