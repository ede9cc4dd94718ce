package eml

import (
	"bytes"
	"regexp"
	"strings"
)

// Bounce is what a mail server says about a mail that was sent: RFC 3464, or in its own words.
type Bounce struct {
	Recipient  string // whom the mail was for; empty: it is not said
	Status     string // RFC 3463, as 5.1.1; of a server that gives only a reply code, its class, as 5.0.0; empty: unknown
	Diagnostic string // what the server said, one line
	Action     string // failed, delayed, delivered, relayed, expanded; reported: she marked it as spam (RFC 5965)
	// OriginalID is the Message-ID of the mail that was sent, without brackets, and OriginalReferences what else of it may
	// tell the ticket: References, In-Reply-To, Reply-To.
	OriginalID         string
	OriginalReferences []string
}

// Hard tells whether the address will never work: it should not be written to again.
func (b *Bounce) Hard() bool {
	return b.Action != "delayed" && (strings.HasPrefix(b.Status, "5.1.") || b.Status == "5.2.1" || b.Status == "5.7.13" || b.Action == "reported")
}

var (
	daemonNames = regexp.MustCompile(`(?i)^(?:mailer[-_.]?daemon|post[-_.]?master|mail[-_.]?daemon|mailerdaemon|mdaemon|mail[-_.]?system|mail-delivery|maildelivery|delivery|bounces?|return|double-bounce|majordomo|nobody|microsoftexchange[0-9a-f]*|mmsc?|daemon|mailmarshal|mailsweeper|postmaster[-_.].*)(?:[-+=].*)?$`)
	daemonWords = regexp.MustCompile(`(?i)mail(?:er)?[ -]?(?:delivery|daemon|administrator|router|system)|delivery (?:sub)?system|postmaster|system administrator|mail service|internet mail delivery|undelivered|mailer-daemon|系统退信|邮件系统|退信|メールシステム|メール配信`)
	bounceWords = regexp.MustCompile(`(?i)undeliver(?:able|ed)|deliver[yi][a-z]* (?:status|report|fail|error|problem|notification|delayed|has failed|incomplete|impossible|unsuccessful)|(?:could not|cannot|unable to|can't|couldn't|not) (?:be )?deliver|` +
		`fail(?:ed|ure)? (?:notice|mail|delivery|message|to deliver)|delivery .{0,40}fail|returned (?:mail|to sender|message)|return(?:ing|ed)? .{0,20}(?:to sender|message|mail)|mail (?:delivery )?(?:failed|failure|error|could not|system error|returned|non-deliver)|` +
		`message (?:delivery )?(?:could not|delayed|rejected|status|not delivered|you sent blocked|undeliverable)|non[- ]?(?:delivery|remis|recapitabile|zustell)|nondeliverable|warning: (?:could not|message)|bounced?\b|user unknown|error sending|rejected mail|mail rejected|` +
		`unzustellbar|zustellung|nicht zugestellt|nicht zustellbar|échec (?:de la remise|de remise|de distribution)|non remis|message non distribu|no se (?:pudo|puede) entregar|devuelto|não entregue|impossib[i]le recapitare|mancata consegna|` +
		`退信|退回|投递失败|投遞失敗|发送失败|未能送达|无法投递|无法送达|無法傳遞|系统退信|配信(?:不能|エラー|できません)|送信(?:失敗|エラー|できません)|未配信|メールを?(?:送信|配送)できません|不達|недоставлен|не доставлен|не может быть доставлен|недоставки|оповещение о невозможности|doręcz|nedoručit|leveringsfejl|delivery notification`)
	statusCode = regexp.MustCompile(`\b([245])\.(\d{1,3})\.(\d{1,3})\b`)
	replyCode  = regexp.MustCompile(`(?:^|[^\d.])([45]\d\d)[ -](?:#?([45])\.(\d{1,3})\.(\d{1,3})[ :]?)?\s*\S`)
	userGone   = regexp.MustCompile(`(?i)user (?:is )?(?:unknown|not found|does ?n.t exist)|unknown (?:user|recipient|address|local)|no such (?:user|person|mailbox|recipient|address)|(?:mailbox|recipient|address|account|user)[^.\n]{0,60}(?:not found|unknown|does not exist|doesn't exist|unavailable|invalid|not listed|no longer)|invalid (?:recipient|mailbox|user)|not a (?:valid|known) (?:user|recipient)|addressee unknown|用户不存在|收件人不存在|无此用户|帐号不存在|宛先不明|unbekannt`)
	boxFull    = regexp.MustCompile(`(?i)(?:mailbox|quota|inbox|storage|disk|user)[^.\n]{0,40}(?:full|exceeded|over|overquota|limit)|over ?quota|quota exceed|exceed[a-z]* [^.\n]{0,20}quota|not enough (?:storage|space)|邮箱已满|信箱已滿|容量不足`)
	hostGone   = regexp.MustCompile(`(?i)host (?:or domain name )?(?:unknown|not found|name lookup)|unrouteable|unroutable|no such (?:host|domain)|domain (?:not found|does not exist)|nxdomain|dns (?:error|lookup)`)
	recipients = []*regexp.Regexp{
		regexp.MustCompile(`(?im)^\s*(?:Final-Recipient|Original-Recipient|X-Actual-Recipient)\s*:\s*(?:[^;\n]{1,30};)?\s*<?([^\s<>;,"]+@[^\s<>;,":]+)`),
		regexp.MustCompile(`(?im)^\s*(?:your message (?:to|cannot)|message to|to|recipients?(?: address)?|address|rcpt to|失败的收件人|收件人|宛先)\s*[:：]?\s*<?([^\s<>;,"()]+@[^\s<>;,":()]+)`),
		regexp.MustCompile(`(?m)^\s*<([^\s<>;,"]+@[^\s<>;,":]+)>`),
		regexp.MustCompile(`(?m)^\s*(?:[-*]\s+)?([^\s<>;,"()\[\]]+@[^\s<>;,":()\[\]]+)\s*(?:$|[:(,])`),
		regexp.MustCompile(`<([^\s<>;,"]+@[^\s<>;,":]+)>`),
	}
	originalMark = regexp.MustCompile(`(?im)^[-=_* >]{2,}.{0,40}(?:original|returned|undelivered|your|unsent|copy|below|header|message text).{0,60}$|^(?:received|return-path|x-[a-z-]+|message-id): `)
)

// bounce tells whether a mail is about another that did not arrive, and what it says. All signs count together: the
// report's own type is missing in nearly half of them.
func (m *reader) bounce(msg *Message, root *node) *Bounce {
	parts := m.reportParts(root)
	if b := m.statusReport(parts.status); b != nil {
		m.original(b, msg, parts)
		return b
	}
	if parts.feedback != nil {
		return m.feedback(msg, parts)
	}
	if root.media == "multipart/report" && strings.EqualFold(root.params["report-type"], "disposition-notification") {
		return nil
	}
	if b := m.sesNotice(msg); b != nil {
		return b
	}
	if !m.looksBounced(msg, root, parts) {
		return nil
	}
	b := &Bounce{Action: "failed"}
	b.readText(reportText(msg.Text))
	m.original(b, msg, parts)
	return b
}

// reportParts are the parts of a report that a machine may read.
type reportParts struct {
	status   []*node
	feedback *node
	original *node
}

func (m *reader) reportParts(n *node) (out reportParts) {
	var walk func(n *node)
	walk = func(n *node) {
		switch n.media {
		case "message/delivery-status", "message/global-delivery-status":
			out.status = append(out.status, n)
		case "message/feedback-report":
			out.feedback = n
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers", "message/global-headers":
			if out.original == nil {
				out.original = n
			}
		}
		for _, child := range n.children {
			walk(child)
		}
	}
	walk(n)
	return out
}

// statusReport reads RFC 3464: the recipient that fared worst.
func (m *reader) statusReport(parts []*node) (worst *Bounce) {
	rank := map[string]int{"failed": 3, "delayed": 2, "": 2}
	for _, n := range parts {
		body := m.decoded(n)
		for groups := 0; len(body) > 0 && groups < 200; groups++ {
			var h header
			h, body = readHeader(body, m.lim)
			one := m.recipientOf(h)
			if one == nil {
				continue
			}
			if worst == nil || rank[one.Action] > rank[worst.Action] {
				worst = one
			}
		}
	}
	return worst
}

func (m *reader) recipientOf(h header) *Bounce {
	address := func(name string) string {
		_, v, typed := strings.Cut(m.headerText(h.first(name)), ";")
		if !typed {
			v = m.headerText(h.first(name))
		}
		return strings.Trim(strings.TrimSpace(v), "<>")
	}
	if !h.has("final-recipient") && !h.has("original-recipient") && !h.has("action") && !h.has("x-actual-recipient") {
		return nil
	}
	b := &Bounce{Action: strings.ToLower(strings.TrimSpace(withoutComments(string(h.first("action")))))}
	for _, name := range []string{"original-recipient", "final-recipient", "x-actual-recipient"} {
		if v := address(name); strings.Contains(v, "@") && (b.Recipient == "" || name == "final-recipient" && !strings.Contains(b.Recipient, "@")) {
			b.Recipient = v
		}
	}
	_, diagnostic, typed := strings.Cut(m.headerText(h.first("diagnostic-code")), ";")
	if !typed {
		diagnostic = m.headerText(h.first("diagnostic-code"))
	}
	b.Diagnostic = line(diagnostic)
	b.Status = statusCode.FindString(string(h.first("status")))
	if b.Status == "" || strings.HasSuffix(b.Status, ".0.0") {
		if better := statusIn(b.Diagnostic); better != "" {
			b.Status = better
		}
	}
	if b.Action == "" && strings.HasPrefix(b.Status, "4") {
		b.Action = "delayed"
	}
	if b.Action == "" {
		b.Action = "failed"
	}
	return b
}

// feedback reads RFC 5965: somebody marked our mail as spam.
func (m *reader) feedback(msg *Message, parts reportParts) *Bounce {
	h, _ := readHeader(m.decoded(parts.feedback), m.lim)
	b := &Bounce{Action: "reported", Diagnostic: line("feedback: " + m.headerText(h.first("feedback-type")))}
	for _, name := range []string{"original-rcpt-to", "removal-recipient", "original-recipient"} {
		if a := first(m.addresses(h.first(name))); b.Recipient == "" && strings.Contains(a.Address, "@") {
			b.Recipient = a.Address
		}
	}
	m.original(b, msg, parts)
	return b
}

// looksBounced weighs who sends, what the subject says, and what the text says.
func (m *reader) looksBounced(msg *Message, root *node, parts reportParts) bool {
	h := root.header
	local, _, _ := strings.Cut(msg.From.Address, "@")
	daemon := daemonNames.MatchString(local) || daemonWords.MatchString(msg.From.Name)
	path := bytes.TrimSpace(h.first("return-path"))
	if a := first(m.addresses(path)); len(path) > 0 && (string(path) == "<>" || daemonNames.MatchString(first(strings.SplitN(a.Address, "@", 2)))) {
		daemon = true
	}
	subject := bounceWords.MatchString(msg.Subject)
	report := root.media == "multipart/report" && !strings.EqualFold(root.params["report-type"], "disposition-notification")
	if h.has("x-failed-recipients") || report && (daemon || subject) {
		return true
	}
	if awayWords.MatchString(msg.Subject) || h.word("auto-submitted") == "auto-replied" && !daemon {
		return false
	}
	// To read the text costs more than all the rest: only where something else speaks for it.
	generated := h.word("auto-submitted") == "auto-generated" || parts.original != nil && msg.From.Address == ""
	if !daemon && !subject && !generated {
		return false
	}
	text := reportText(msg.Text)
	says := bounceWords.MatchString(text)
	// A person writes of deliveries and of sums like 499, too: without a daemon the words must be a server's.
	status := statusIn(text)
	sure := status != "" && !strings.HasSuffix(status, ".0.0") || userGone.MatchString(text) || boxFull.MatchString(text) || hostGone.MatchString(text)
	switch {
	case daemon:
		return subject || says || sure || status != ""
	case subject:
		return (sure || says && parts.original != nil) && !msg.isAnswer()
	}
	return says && sure
}

// isAnswer tells whether a person seems to answer.
func (msg *Message) isAnswer() bool {
	s := strings.ToLower(msg.Subject)
	return len(msg.InReplyTo) > 0 && (strings.HasPrefix(s, "re:") || strings.HasPrefix(s, "aw:") || strings.HasPrefix(s, "回复") || strings.HasPrefix(s, "答复"))
}

// reportText is what the server itself wrote: the text up to the mail that it gives back.
func reportText(text string) string {
	text = text[:min(len(text), 64<<10)]
	for _, at := range originalMark.FindAllStringIndex(text, 20) {
		if at[0] > 200 || strings.TrimSpace(text[:at[0]]) != "" && statusIn(text[:at[0]]) != "" {
			return text[:at[0]]
		}
	}
	return text
}

// readText reads what a server says in its own words.
func (b *Bounce) readText(text string) {
	for _, find := range recipients {
		if got := find.FindStringSubmatch(text); got != nil && !daemonNames.MatchString(first(strings.SplitN(got[1], "@", 2))) {
			b.Recipient = strings.TrimRight(got[1], ".:")
			break
		}
	}
	b.Status = statusIn(text)
	if b.Status == "" || strings.HasSuffix(b.Status, ".0.0") {
		for _, known := range []struct {
			words  *regexp.Regexp
			status string
		}{{userGone, "5.1.1"}, {boxFull, "5.2.2"}, {hostGone, "5.1.2"}} {
			if known.words.MatchString(text) {
				b.Status = known.status
				break
			}
		}
	}
	if strings.HasPrefix(b.Status, "4") {
		b.Action = "delayed"
	}
	for one := range strings.Lines(text) {
		if replyCode.MatchString(one) || statusCode.MatchString(one) || userGone.MatchString(one) || boxFull.MatchString(one) || hostGone.MatchString(one) {
			b.Diagnostic = line(one)
			break
		}
	}
}

// statusIn finds an enhanced status, or what a reply code says of the class.
func statusIn(text string) string {
	for _, got := range statusCode.FindAllStringSubmatchIndex(text, 50) {
		before, after := text[max(0, got[0]-1):got[0]], text[got[1]:min(len(text), got[1]+1)]
		if strings.Trim(before+after, "0123456789.-_") != before+after { // part of an address or a version
			continue
		}
		if text[got[2]] != '2' {
			return text[got[0]:got[1]]
		}
	}
	if got := replyCode.FindStringSubmatch(text); got != nil {
		return got[1][:1] + ".0.0"
	}
	return ""
}

// original looks into the mail that came back.
func (m *reader) original(b *Bounce, msg *Message, parts reportParts) {
	var h header
	if parts.original != nil {
		h, _ = readHeader(trimLead(m.decoded(parts.original)), m.lim)
	} else {
		h = originalHeaders(msg.Text)
	}
	b.OriginalID = first(ids(m.rawText(h.first("message-id"))))
	for _, name := range []string{"references", "in-reply-to"} {
		b.OriginalReferences = append(b.OriginalReferences, ids(m.rawText(h.first(name)))...)
	}
	if a := first(m.addresses(h.first("reply-to"))); a.Address != "" {
		b.OriginalReferences = append(b.OriginalReferences, a.Address)
	}
	if b.Recipient == "" {
		if failed := first(m.addresses(msg.Header.fields.first("x-failed-recipients"))); strings.Contains(failed.Address, "@") {
			b.Recipient = failed.Address
		} else if to := first(m.addresses(h.first("to"))); strings.Contains(to.Address, "@") {
			b.Recipient = to.Address
		}
	}
}

// originalHeaders reads headers that stand in the text of a report.
func originalHeaders(text string) (h header) {
	for one := range strings.Lines(text[:min(len(text), 256<<10)]) {
		one = strings.TrimLeft(strings.TrimRight(one, "\r\n"), "> \t")
		if name, value, ok := splitField([]byte(one)); ok {
			switch name {
			case "message-id", "references", "in-reply-to", "to", "reply-to":
				h = append(h, field{name: name, value: value})
			}
		}
	}
	return h
}

// line makes one line of a text, not too long.
func line(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 500 {
		s = string(r[:500]) + "…"
	}
	return s
}
