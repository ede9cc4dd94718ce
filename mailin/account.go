package mailin

import (
	"hash/fnv"
	"slices"
	"strings"

	"huiyin/mailin/imapbox"
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

// withoutPlus is an address without what stands behind a plus in its local part.
func withoutPlus(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok {
		return address
	}
	base, _, _ := strings.Cut(local, "+")
	return base + "@" + domain
}
