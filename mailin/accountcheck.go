package mailin

import (
	"net/mail"
	"slices"
	"strings"
	"unicode"

	"huiyin/mailin/imapbox"
	"huiyin/tickets/fault"
)

// checked brings an account into the form in which it is kept. Errors: Invalid, each with its field.
func (a Account) checked() (Account, error) {
	w := wrong{fault.New(fault.Invalid, "error.invalid")}
	a.Address = normalAddress(a.Address)
	if !addressOK(a.Address) {
		w.add("address", "invalid", "mailin.error.address", nil)
	}
	for _, one := range []struct {
		name  string
		value *string
		most  int
	}{
		{"name", &a.Name, accountLine}, {"preset", &a.Preset, accountLine}, {"folder", &a.Folder, accountLine}, {"processed", &a.Processed, accountLine},
		{"auth_serv", &a.AuthServ, accountLine},
	} {
		*one.value = strings.TrimSpace(*one.value)
		if len(*one.value) > one.most || strings.ContainsFunc(*one.value, unicode.IsControl) {
			w.add(one.name, "invalid", "mailin.error.line", map[string]any{"max": one.most})
		}
	}
	if a.Processed != "" && strings.EqualFold(a.Processed, a.folder()) {
		w.add("processed", "same", "mailin.error.processed", nil)
	}
	a.IMAP.check(&w, "imap", true)
	a.SMTP.check(&w, "smtp", false)
	a.Aliases = w.senders("aliases", a.Aliases, aliasesMost, false)
	a.Blocked = w.senders("blocked", a.Blocked, sendersMost, true)
	a.Allowed = w.senders("allowed", a.Allowed, sendersMost, true)
	w.number("per_hour", a.PerHour, perHourMost)
	w.number("per_day", a.PerDay, perDayMost)
	w.number("max_mb", a.MaxMB, MaxMB)
	w.number("auto_per_hour", a.AutoReply.PerHour, autoPerHourMax)
	w.text("signature", a.Signature, signatureMax)
	w.text("auto_text_zh", a.AutoReply.TextZH, autoTextMax)
	w.text("auto_text_en", a.AutoReply.TextEN, autoTextMax)
	if a.Older != OlderTake && a.Older != OlderLeave {
		w.add("older", "invalid", "mailin.error.choice", nil)
	}
	if a.Plus != "" && a.Plus != PlusYes && a.Plus != PlusNo {
		w.add("plus", "invalid", "mailin.error.choice", nil)
	}
	return a, w.err()
}

// check looks at a server's settings. Without a host nothing is fetched or sent there, which only SMTP may lack.
func (s *Server) check(w *wrong, name string, required bool) {
	s.Host, s.User = strings.TrimSpace(s.Host), strings.TrimSpace(s.User)
	switch {
	case s.Host == "" && required:
		w.add(name+"_host", "required", "mailin.error.host", nil)
	case len(s.Host) > accountLine || strings.ContainsFunc(s.Host, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '/' || r == '@' }):
		w.add(name+"_host", "invalid", "mailin.error.host", nil)
	}
	if s.Port < 0 || s.Port > 65535 {
		w.add(name+"_port", "invalid", "mailin.error.port", nil)
	}
	if s.Security == "" {
		s.Security = imapbox.TLS
	}
	if !slices.Contains([]imapbox.Security{imapbox.TLS, imapbox.StartTLS, imapbox.Plain}, s.Security) {
		w.add(name+"_security", "invalid", "mailin.error.choice", nil)
	}
	if len(s.User) > accountLine || strings.ContainsFunc(s.User, unicode.IsControl) {
		w.add(name+"_user", "invalid", "mailin.error.line", map[string]any{"max": accountLine})
	}
	if len(s.Password) > accountSecret || strings.ContainsFunc(s.Password, unicode.IsControl) {
		w.add(name+"_password", "invalid", "mailin.error.password", nil)
	}
}

// wrong collects what cannot be kept.
type wrong struct{ e *fault.Error }

func (w *wrong) add(field, code, key string, args map[string]any) {
	w.e.Fields = append(w.e.Fields, fault.Field{Name: field, Code: code, Key: key, Args: args})
}

func (w *wrong) err() error {
	if len(w.e.Fields) == 0 {
		return nil
	}
	return w.e
}

func (w *wrong) number(field string, n, most int) {
	if n < 0 || n > most {
		w.add(field, "invalid", "mailin.error.number", map[string]any{"max": most})
	}
}

func (w *wrong) text(field, text string, most int) {
	if len([]rune(text)) > most {
		w.add(field, "too_long", "mailin.error.long", map[string]any{"max": most})
	}
}

// senders brings a list of addresses, and @domains where they may be, into one form.
func (w *wrong) senders(field string, list []string, most int, domains bool) []string {
	var out []string
	for _, one := range list {
		one = normalAddress(one)
		if one == "" {
			continue
		}
		whole := one
		if domains && !strings.Contains(strings.TrimPrefix(one, "@"), "@") {
			one = "@" + strings.TrimPrefix(one, "@")
			whole = "x" + one
		}
		if !addressOK(whole) {
			w.add(field, "invalid", "mailin.error.sender", map[string]any{"text": one})
			return list
		}
		out = append(out, one)
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) > most {
		w.add(field, "too_many", "mailin.error.many", map[string]any{"max": most})
	}
	return out
}

func normalAddress(address string) string { return strings.ToLower(strings.TrimSpace(address)) }

// addressOK tells whether text is a bare address.
func addressOK(text string) bool {
	if len(text) > 254 || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return false
	}
	a, err := mail.ParseAddress(text)
	return err == nil && a.Address == text && a.Name == "" && strings.Contains(text[strings.LastIndex(text, "@")+1:], ".")
}
