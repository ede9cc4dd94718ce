package web

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"huiyin/mailin"
	"huiyin/mailin/imapbox"
	"huiyin/mailin/oauth"
	"huiyin/mailin/preset"
	"huiyin/tickets/fault"
)

// mailboxForm are the fields of a mailbox, new or old.
type mailboxForm struct {
	*Words
	Error                   string
	InboxName, Address      field
	Password, SignIn        field
	OAuth                   []field
	IMAP, SMTP, Folders     []field
	Sender, Limits, Senders []field
	Older, Plus, AuthServ   field
	Auto                    []field
	AutoOn                  bool
	AdvancedOpen            bool // a server's field is wrong, or has to be filled in
	Code                    bool // the provider wants an authorisation code
	Callback                string
}

// newMailboxForm makes the fields; secrets kept are told and never shown.
func (s *Server) newMailboxForm(f *form, old *mailin.Account) mailboxForm {
	w := f.words
	m := mailboxForm{Words: w, Error: f.General(), AutoOn: f.values("auto_on") != "", Callback: s.callback()}
	in := func(one field) field {
		one.Label = w.T("mailbox.field." + one.Name)
		if one.Hint == "" {
			one.Hint = w.T("mailbox.hint." + one.Name)
		}
		one.Complete = cmp.Or(one.Complete, "off")
		return f.input(one)
	}
	choice := func(name, area string, values ...string) field {
		one := field{Name: name, Type: "select"}
		for _, value := range values {
			one.Options = append(one.Options, option{value, w.T(area + cmp.Or(value, "none"))})
		}
		return in(one)
	}
	secret := func(name string, kept bool) field {
		one := field{Name: name, Type: "password", Complete: "new-password", Max: 4096}
		if kept {
			one.Hint = w.T("mail.hint.password_kept")
		}
		return in(one)
	}
	server := func(name string) []field {
		return []field{
			in(field{Name: name + "_host", Max: 253}), choice(name+"_security", "mail.security.", "tls", "starttls", "none"), in(field{Name: name + "_port", Type: "number"}),
			in(field{Name: name + "_user", Max: 255}),
		}
	}
	m.InboxName = in(field{Name: "inbox_name", Max: 100, Required: true})
	m.Address = in(field{Name: "address", Type: "email", Max: 254, Required: true})
	m.Password = secret("imap_password", old.IMAP.Password != "")
	m.SignIn = choice("sign_in", "mailbox.sign_in.", "password", "google", "microsoft", "other")
	m.OAuth = []field{in(field{Name: "client_id", Max: 255}), secret("client_secret", old.OAuth != nil && old.OAuth.ClientSecret != ""),
		in(field{Name: "auth_url", Type: "url", Max: 500}), in(field{Name: "token_url", Type: "url", Max: 500}), in(field{Name: "scopes", Max: 500})}
	m.IMAP = server("imap")
	m.SMTP = append(server("smtp"), secret("smtp_password", old.SMTP.Password != ""))
	m.Folders = []field{in(field{Name: "folder", Max: 255}), in(field{Name: "processed", Max: 255})}
	m.Older = choice("older", "mailbox.older.", mailin.OlderLeave, mailin.OlderTake)
	m.Sender = []field{in(field{Name: "name", Max: 255}), in(field{Name: "signature", Type: "textarea", Rows: 3}), in(field{Name: "aliases", Type: "textarea", Rows: 2})}
	m.Auto = []field{in(field{Name: "auto_text_zh", Type: "textarea", Rows: 4}), in(field{Name: "auto_text_en", Type: "textarea", Rows: 4}), in(field{Name: "auto_per_hour", Type: "number"})}
	m.Limits = []field{in(field{Name: "per_hour", Type: "number"}), in(field{Name: "per_day", Type: "number"}), in(field{Name: "max_mb", Type: "number"})}
	m.Senders = []field{in(field{Name: "blocked", Type: "textarea", Rows: 3}), in(field{Name: "allowed", Type: "textarea", Rows: 3})}
	m.Plus = choice("plus", "mailbox.plus.", "", mailin.PlusYes, mailin.PlusNo)
	m.AuthServ = in(field{Name: "auth_serv", Max: 255})
	for _, list := range [][]field{m.IMAP, m.SMTP, m.Folders, m.OAuth, {m.SignIn, m.Older}} {
		for _, one := range list {
			m.AdvancedOpen = m.AdvancedOpen || one.Wrong != ""
		}
	}
	m.AdvancedOpen = m.AdvancedOpen || f.values("imap_host") == "" || f.values("sign_in") != "password"
	return m
}

// mailboxValues is the form of what is kept. Secrets never go back.
func mailboxValues(a *mailin.Account, inboxName string) map[string]string {
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	v := map[string]string{
		"inbox_name": inboxName, "address": a.Address, "name": a.Name, "aliases": strings.Join(a.Aliases, "\n"), "preset": a.Preset, "sign_in": "password",
		"imap_host": a.IMAP.Host, "imap_port": number(a.IMAP.Port), "imap_security": string(a.IMAP.Security), "imap_user": a.IMAP.User,
		"smtp_host": a.SMTP.Host, "smtp_port": number(a.SMTP.Port), "smtp_security": string(a.SMTP.Security), "smtp_user": a.SMTP.User,
		"folder": a.Folder, "processed": a.Processed, "older": a.Older, "plus": a.Plus, "auth_serv": a.AuthServ,
		"auto_text_zh": a.AutoReply.TextZH, "auto_text_en": a.AutoReply.TextEN, "auto_per_hour": number(a.AutoReply.PerHour),
		"signature": a.Signature, "per_hour": number(a.PerHour), "per_day": number(a.PerDay), "max_mb": number(a.MaxMB),
		"blocked": strings.Join(a.Blocked, "\n"), "allowed": strings.Join(a.Allowed, "\n"),
	}
	if a.AutoReply.On {
		v["auto_on"] = "on"
	}
	if o := a.OAuth; o != nil {
		v["sign_in"], v["client_id"] = cmp.Or(o.Provider, "other"), o.ClientID
		v["auth_url"], v["token_url"], v["scopes"] = o.AuthURL, o.TokenURL, strings.Join(o.Scopes, " ")
	}
	return v
}

// proposed are a provider's settings for an address.
func proposed(p preset.Provider, address string) *mailin.Account {
	a := &mailin.Account{
		Address: address, Preset: p.Name, Processed: mailin.DefaultProcessed, Older: mailin.OlderLeave,
		IMAP: mailin.Server{Host: p.IMAP.Host, Port: p.IMAP.Port, Security: p.IMAP.Security}, SMTP: mailin.Server{Host: p.SMTP.Host, Port: p.SMTP.Port, Security: p.SMTP.Security},
	}
	if p.Plus {
		a.Plus = mailin.PlusYes
	}
	if p.OAuth != "" {
		a.OAuth = &mailin.OAuth{Provider: p.OAuth}
	}
	return a
}

// sentMailbox is an account as the form has it, over the one of before. A secret that was not typed stays, but only for the
// server and the user that it was given for: else whoever may open this page could have it sent elsewhere.
func sentMailbox(c echo.Context, old *mailin.Account) (mailin.Account, error) {
	value := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	number := func(name string) int {
		if value(name) == "" {
			return 0
		}
		n, err := strconv.Atoi(value(name))
		if err != nil {
			return -1 // refused by the field's name
		}
		return n
	}
	lines := func(name string) []string {
		return strings.FieldsFunc(c.FormValue(name), func(r rune) bool { return strings.ContainsRune(" \t\r\n,;，；", r) })
	}
	server := func(name string) mailin.Server {
		return mailin.Server{
			Host: value(name + "_host"), Port: number(name + "_port"), Security: imapbox.Security(value(name + "_security")), User: value(name + "_user"),
			Password: c.FormValue(name + "_password"),
		}
	}
	a := *old
	a.Address, a.IMAP, a.SMTP, a.Folder, a.Processed = value("address"), server("imap"), server("smtp"), value("folder"), value("processed")
	a.Older, a.Plus = value("older"), value("plus")
	if value("preset") != "" {
		a.Preset = value("preset")
	}
	if c.FormValue("more") != "" { // the page of an inbox has these too
		a.Name, a.Signature, a.Aliases, a.AuthServ = value("name"), strings.ReplaceAll(value("signature"), "\r\n", "\n"), lines("aliases"), value("auth_serv")
		a.AutoReply = mailin.AutoReply{
			On: value("auto_on") != "", TextZH: strings.ReplaceAll(value("auto_text_zh"), "\r\n", "\n"), TextEN: strings.ReplaceAll(value("auto_text_en"), "\r\n", "\n"),
			PerHour: number("auto_per_hour"),
		}
		a.PerHour, a.PerDay, a.MaxMB, a.Blocked, a.Allowed = number("per_hour"), number("per_day"), number("max_mb"), lines("blocked"), lines("allowed")
	}
	wrong := keepSecrets(&a, old)
	if way := value("sign_in"); way != "" && way != "password" {
		wrong = append(wrong, sentOAuth(c, &a, old, way)...)
	} else {
		a.OAuth = nil
		if a.IMAP.Password == "" && len(wrong) == 0 {
			wrong = append(wrong, fault.Field{Name: "imap_password", Code: "required", Key: "mail.error.password"})
		}
	}
	if len(wrong) > 0 {
		return a, &fault.Error{Kind: fault.Invalid, Key: "error.invalid", Fields: wrong}
	}
	return a, nil
}

// keepSecrets fills in the passwords that were not typed.
func keepSecrets(a, old *mailin.Account) (wrong []fault.Field) {
	again := func(name string) {
		wrong = append(wrong, fault.Field{Name: name, Code: "required", Key: "mail.error.password_again"})
	}
	user := func(v mailin.Server, a *mailin.Account) string { return strings.ToLower(cmp.Or(v.User, a.Address)) }
	same := func(v, was mailin.Server) bool {
		return strings.EqualFold(v.Host, was.Host) && user(v, a) == user(was, old) && (v.Security != imapbox.Plain || was.Security == imapbox.Plain)
	}
	typed := a.IMAP.Password != "" || a.SMTP.Password != ""
	if a.IMAP.Password == "" && old.IMAP.Password != "" {
		if a.IMAP.Password = old.IMAP.Password; !same(a.IMAP, old.IMAP) {
			again("imap_password")
		}
	}
	if a.SMTP.Password != "" || a.SMTP.Host == "" {
		return wrong
	}
	a.SMTP.Password = old.SMTP.Password
	// Where SMTP has no password of its own it gets that of IMAP.
	if !typed && old.IMAP.Password != "" && !same(a.SMTP, old.SMTP) && len(wrong) == 0 {
		again("imap_password")
	}
	if old.SMTP.Password != "" && !same(a.SMTP, old.SMTP) {
		again("smtp_password")
	}
	return wrong
}

// sentOAuth reads the registration with a provider. Tokens hold only for the mailbox and the provider that they were given for.
func sentOAuth(c echo.Context, a, old *mailin.Account, way string) (wrong []fault.Field) {
	value := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	o := mailin.OAuth{Provider: way, ClientID: value("client_id"), ClientSecret: c.FormValue("client_secret"), AuthURL: value("auth_url"), TokenURL: value("token_url"), Scopes: strings.Fields(value("scopes"))}
	if way == "other" {
		o.Provider = ""
	}
	known, ok := oauth.Known(o.Provider)
	is := func(bad bool, name, key string) {
		if bad {
			wrong = append(wrong, fault.Field{Name: name, Code: "invalid", Key: key})
		}
	}
	is(!ok && way != "other", "sign_in", "mailin.error.choice")
	is(o.ClientID == "", "client_id", "mail.error.required")
	is(!strings.HasPrefix(cmp.Or(o.AuthURL, known.AuthURL), "https://"), "auth_url", "mailbox.error.https")
	is(!strings.HasPrefix(cmp.Or(o.TokenURL, known.TokenURL), "https://"), "token_url", "mailbox.error.https")
	if was := old.OAuth; was != nil && was.Provider == o.Provider && was.ClientID == o.ClientID && was.TokenURL == o.TokenURL {
		o.ClientSecret = cmp.Or(o.ClientSecret, was.ClientSecret)
		if strings.EqualFold(old.Address, a.Address) && strings.EqualFold(old.IMAP.Host, a.IMAP.Host) && strings.EqualFold(old.SMTP.Host, a.SMTP.Host) {
			o.Refresh, o.Access, o.ExpiresAt = was.Refresh, was.Access, was.ExpiresAt
		}
	}
	a.OAuth, a.IMAP.Password, a.SMTP.Password = &o, "", ""
	return wrong
}
