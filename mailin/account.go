package mailin

import (
	"hash/fnv"
	"net/mail"
	"slices"
	"strings"
	"unicode"

	"huiyin/mailin/imapbox"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Account is the mailbox of an e-mail inbox: where its mails are fetched and sent, and what the desk does with them. It is
// kept as sealed JSON.
type Account struct {
	InboxID id.ID    `json:"-"`
	Active  bool     `json:"-"`       // mails are fetched
	Address string   `json:"address"` // support@shop.example
	Name    string   `json:"name"`    // the sender's name in answers; empty: the inbox's
	Aliases []string `json:"aliases"` // further addresses whose mails arrive here
	Preset  string   `json:"preset"`  // the provider that was chosen; empty: none

	IMAP      Server `json:"imap"`
	SMTP      Server `json:"smtp"`
	Folder    string `json:"folder"`    // what is read; empty: INBOX
	Processed string `json:"processed"` // where taken mails go; empty: they stay, marked as seen
	OAuth     *OAuth `json:"oauth,omitempty"`
	// Older says what becomes of the mails that are there before the first look: taken, unless it is OlderLeave.
	Older string `json:"older"`

	// Plus says whether answers to address+token@ arrive: PlusYes, PlusNo; empty: unknown, and not used.
	Plus string `json:"plus"`
	// AuthServ is the name by which the mailbox's own server signs Authentication-Results (RFC 8601). Empty: what mails say
	// of their sender is not proved, and nobody passes mails on for others.
	AuthServ string `json:"auth_serv"`

	AutoReply AutoReply `json:"auto_reply"`
	Signature string    `json:"signature"` // under every answer; {agent} is the agent's name
	PerHour   int       `json:"per_hour"`  // mails to send at most; 0: DefaultPerHour
	PerDay    int       `json:"per_day"`   // 0: DefaultPerDay
	Blocked   []string  `json:"blocked"`   // addresses and @domains whose mails are stored in closed tickets
	Allowed   []string  `json:"allowed"`   // addresses and @domains that are never spam nor blocked
	MaxMB     int       `json:"max_mb"`    // of one mail; larger ones come with their beginning only; 0: DefaultMaxMB
}

// Server is a mail server and how to sign in there.
type Server struct {
	Host     string           `json:"host"`
	Port     int              `json:"port"` // zero: the usual one
	Security imapbox.Security `json:"security"`
	User     string           `json:"user"` // empty: the address
	Password string           `json:"password"`
}

// OAuth is how to come to a mailbox whose provider takes no password.
type OAuth struct {
	Provider     string   `json:"provider"` // google, microsoft; empty: another
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret"`
	AuthURL      string   `json:"auth_url"`
	TokenURL     string   `json:"token_url"`
	Scopes       []string `json:"scopes"`
	Refresh      string   `json:"refresh"`
	Access       string   `json:"access"`
	ExpiresAt    int64    `json:"expires_at"` // of Access, Unix ms
}

// AutoReply is what the desk answers by itself to a mail that begins a ticket.
type AutoReply struct {
	On      bool   `json:"on"`
	TextZH  string `json:"text_zh"`  // empty: the desk's own words; {number}, {link}, {by} are filled
	TextEN  string `json:"text_en"`  // the same for those who write in another language
	PerHour int    `json:"per_hour"` // to one address; 0: DefaultAutoPerHour
}

// Words of an account.
const (
	OlderTake  = ""
	OlderLeave = "leave"

	PlusYes = "yes"
	PlusNo  = "no"
)

// What holds where an account says nothing, and how far it may go.
const (
	DefaultPerHour     = 500
	DefaultPerDay      = 5000
	DefaultAutoPerHour = 3
	DefaultMaxMB       = 25
	MaxMB              = 50
	DefaultProcessed   = "Huiyin"

	accountLine    = 255
	accountSecret  = 4096
	signatureMax   = 1000
	autoTextMax    = 2000
	sendersMost    = 500
	aliasesMost    = 50
	perHourMost    = 100_000
	perDayMost     = 1_000_000
	autoPerHourMax = 20
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

// port is the server's port, or the usual one.
func (s *Server) port() int {
	switch {
	case s.Port != 0:
		return s.Port
	case s.Security == imapbox.TLS || s.Security == "":
		return 993
	}
	return 143
}

func (a *Account) folder() string {
	if a.Folder == "" {
		return "INBOX"
	}
	return a.Folder
}

// place is where the mails lie that are read.
func (a *Account) place() string { return a.IMAP.Host + "\n" + a.IMAP.user(a) + "\n" + a.folder() }

// epochOf tells the numbering of one folder from those of all others, and from its own of before. UIDVALIDITY alone tells only the
// latter: many servers give every folder the same one. What would be taken for a mail that is there already would never be fetched.
func (a *Account) epochOf(uidValidity uint32) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(a.place())) // never fails
	return int64(h.Sum32()>>1)<<32 | int64(uidValidity)
}

// own tells whether an address is one of the mailbox's, with or without a token behind a plus.
func (a *Account) own(address string) bool {
	address = withoutPlus(normalAddress(address))
	return address == withoutPlus(a.Address) || slices.ContainsFunc(a.Aliases, func(alias string) bool { return withoutPlus(alias) == address })
}

// maxBytes is how large a mail may be to be fetched whole.
func (a *Account) maxBytes() int64 {
	if a.MaxMB > 0 {
		return int64(a.MaxMB) << 20
	}
	return DefaultMaxMB << 20
}

// listed tells whether an address stands in a list of addresses and @domains; a domain stands for those below it too.
func listed(list []string, address string) bool {
	address = normalAddress(address)
	_, domain, _ := strings.Cut(address, "@")
	return slices.ContainsFunc(list, func(one string) bool {
		if name, ok := strings.CutPrefix(one, "@"); ok {
			return domain == name || strings.HasSuffix(domain, "."+name)
		}
		return one == address
	})
}

// blocks tells whether mails of an address are not wanted here.
func (a *Account) blocks(address string) bool {
	return listed(a.Blocked, address) && !listed(a.Allowed, address)
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

// withoutPlus is an address without what stands behind a plus in its local part.
func withoutPlus(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok {
		return address
	}
	base, _, _ := strings.Cut(local, "+")
	return base + "@" + domain
}
