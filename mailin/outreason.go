package mailin

import (
	"regexp"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets"
)

// Why a mail did not arrive, in words of the program; mailin.out.reason.… has them for people. More come from Options.Send.
const (
	whyUser     = "user_unknown"
	whyHost     = "host_unknown"
	whyDisabled = "disabled"
	whyFull     = "mailbox_full"
	whyTooLarge = "too_large"
	whyExpired  = "expired"
	whyFiltered = "filtered"
	whyPolicy   = "policy" // the other side wants of our domain what it lacks: SPF, DKIM, a name
	whyBusy     = "busy"
	whyReported = "reported" // she marked it as spam
	whyRejected = "rejected"
)

// byStatus are the finer codes of RFC 3463 (and RFC 7372) that say why; the class before them says for how long.
var byStatus = map[string]string{
	"1.1": whyUser, "1.6": whyUser, "1.10": whyUser, "1.0": whyUser, "1.2": whyHost, "1.3": whyUser, "4.4": whyHost,
	"2.1": whyDisabled, "2.2": whyFull, "2.3": whyTooLarge, "3.4": whyTooLarge, "4.7": whyExpired, "4.1": whyBusy, "4.2": whyBusy, "4.5": whyBusy, "3.2": whyBusy,
	"7.13": whyDisabled, "7.20": whyPolicy, "7.21": whyPolicy, "7.22": whyPolicy, "7.23": whyPolicy, "7.24": whyPolicy, "7.25": whyPolicy, "7.26": whyPolicy, "7.27": whyPolicy,
	"7.28": whyBusy,
}

// byText are what servers say where the code does not tell. The first that fits counts.
var byText = []struct {
	words *regexp.Regexp
	why   string
}{
	{regexp.MustCompile(`(?i)quota|mailbox (?:is )?full|over ?limit|邮箱已满|信箱已滿|容量`), whyFull},
	{regexp.MustCompile(`(?i)(?:user|recipient|mailbox|account|address)[^.]{0,40}(?:unknown|not found|not exist|n.t exist|invalid|no such|rejected: user)|no such (?:user|recipient|mailbox|address)|user unknown|unknown user|用户不存在|收件人不存在|无此用户|帐号不存在`), whyUser},
	{regexp.MustCompile(`(?i)(?:account|mailbox|user)[^.]{0,40}(?:disabled|suspended|inactive|closed|locked)|帐号已?(?:停用|冻结)`), whyDisabled},
	{regexp.MustCompile(`(?i)too (?:large|big)|size limit|exceeds? [^.]{0,20}size|邮件(?:过大|太大)`), whyTooLarge},
	{regexp.MustCompile(`(?i)spf|dkim|dmarc|reverse dns|\bptr\b|not aligned|unauthenticated`), whyPolicy},
	{regexp.MustCompile(`(?i)spam|blocked|blacklist|block ?list|content reject|virus|policy|reputation|spamhaus|垃圾|拒收`), whyFiltered},
	{regexp.MustCompile(`(?i)expired|too long in queue|retry time(?:out)?|delivery time`), whyExpired},
	{regexp.MustCompile(`(?i)(?:host|domain)[^.]{0,30}(?:not found|unknown|not exist)|nxdomain|unroutable|unrouteable`), whyHost},
	{regexp.MustCompile(`(?i)try again|temporar|too many|rate|greylist|graylist|busy|稍后`), whyBusy},
}

// reasonOf reads a finer code, a server's words and what a report says was done.
func reasonOf(status, text, action string) string {
	if action == "reported" {
		return whyReported
	}
	_, subject, _ := strings.Cut(status, ".")
	why := byStatus[subject]
	if why != "" && why != whyDisabled && subject != "1.0" {
		return why
	}
	for _, one := range byText {
		if one.words.MatchString(text) {
			return one.why
		}
	}
	switch {
	case why != "":
		return why
	case strings.HasPrefix(subject, "7."):
		return whyFiltered
	case strings.HasPrefix(status, "4"):
		return whyBusy
	}
	return whyRejected
}

// gone tells whether a reason means that the address will never work.
func gone(reason string) bool {
	return reason == whyUser || reason == whyHost || reason == whyDisabled || reason == whyReported
}

// markBad notes that an address will not work: nothing goes there for sixty days. The hash does not stand first: gorm takes bytes
// behind a bracket for a list.
func (s *Service) markBad(tx *gorm.DB, address string) error {
	now := s.Now()
	return tx.Exec(`INSERT INTO mail_addresses (bounced_at, address_hash, soft, until_at, updated_at) VALUES (?, ?, 0, ?, ?)
 ON CONFLICT (address_hash) DO UPDATE SET bounced_at = excluded.bounced_at, until_at = excluded.until_at, updated_at = excluded.updated_at`,
		tickets.Millis(now), s.addressHash(address), tickets.Millis(now.Add(badFor)), tickets.Millis(now)).Error
}

// markSoft counts a failure of an address that may be over tomorrow.
func (s *Service) markSoft(tx *gorm.DB, address string) error {
	return tx.Exec(`INSERT INTO mail_addresses (soft, address_hash, updated_at) VALUES (1, ?, ?) ON CONFLICT (address_hash) DO UPDATE SET soft = mail_addresses.soft + 1, updated_at = excluded.updated_at`,
		s.addressHash(address), tickets.Millis(s.Now())).Error
}
