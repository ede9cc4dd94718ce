package quote

import (
	"regexp"
	"slices"
	"strings"
)

// Marker is the line above which a reply is asked for; what follows it was never written by the sender.
const Marker = "##-"

// Split is a mail's text in parts. Each is trimmed; what is quoted is in none of them.
type Split struct {
	Reply     string // what was written now, without a signature
	Signature string // from its "-- ", or the line that a telephone adds
}

// linesMax is how many lines are looked at; what follows belongs to the reply as it is.
const linesMax = 5_000

// Text parts a plain text. Where nothing was written anew, as in a mail that was passed on without a word, Reply is empty.
func Text(text string) Split {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ", "\u200b", "").Replace(text)
	if strings.Contains(text, "---") {
		text = apart.ReplaceAllString(text, "$1\n$2")
	}
	all := strings.SplitN(text, "\n", linesMax+1)
	rest := ""
	if len(all) > linesMax {
		rest, all = all[linesMax], all[:linesMax]
	}
	own := ownLines(all)
	if rest != "" { // nobody reads so far, but nothing is lost
		own = append(own, rest)
	}
	reply, signature := cutSignature(own)
	return Split{Reply: strings.Join(trimBlank(reply), "\n"), Signature: strings.Join(trimBlank(signature), "\n")}
}

// apart finds an attribution that runs on from the reply's last line.
var apart = regexp.MustCompile(`(?m)([^\s-])[ \t]*(-{3,} ?(?:On|Am|Le) .{10,200}:)$`)

// ownLines gives the lines that are no quotation.
func ownLines(all []string) (own []string) {
	for i := 0; i < len(all); {
		line := all[i]
		switch n, marked := attribution(all, i); {
		case strings.HasPrefix(strings.TrimSpace(line), Marker):
			return own
		case n > 0 && marked:
			i = pastQuotation(all, i+n)
			continue
		case n > 0 && said(own):
			return own
		case n > 0: // it comes first: what follows was written below it
			i += n
			continue
		case isQuoted(line):
			i++
			continue
		case separator(line) || headerBlock(all, i):
			if said(own) || separator(line) {
				return dropRule(own)
			}
			return own
		}
		own = append(own, line)
		i++
	}
	return own
}

// pastQuotation gives the first line after what an attribution introduces: quoted lines, and blank ones between them.
func pastQuotation(all []string, i int) int {
	for last := i; ; i++ {
		if i >= len(all) {
			return max(last, i)
		}
		switch {
		case isQuoted(all[i]), isBar(all[i]):
			last = i + 1
		case strings.TrimSpace(all[i]) == "":
		default:
			return last
		}
	}
}

func isQuoted(line string) bool {
	line = strings.TrimLeft(line, " \t")
	return strings.HasPrefix(line, ">") || strings.HasPrefix(line, "＞")
}

// isBar is the bar that some programs put before quoted lines. Tables have it too: it counts after an attribution only.
func isBar(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " \t"), "|") }

func said(lines []string) bool {
	for _, line := range lines {
		if strings.Trim(line, " \t-_=*—") != "" {
			return true
		}
	}
	return false
}

// dropRule takes away the line of dashes above a quoted mail.
func dropRule(own []string) []string {
	own = trimBlank(own)
	for len(own) > 0 && isRule(own[len(own)-1]) {
		own = trimBlank(own[:len(own)-1])
	}
	return own
}

func isRule(line string) bool {
	line = strings.TrimSpace(line)
	return len(line) >= 3 && strings.Trim(line, "-_=*—─ ") == ""
}

func trimBlank(lines []string) []string {
	for len(lines) > 0 && strings.TrimSpace(lines[0]) == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// device is the line that a telephone or a program adds. It is short: a sentence that begins alike is none.
var device = regexp.MustCompile(`(?i)^\s*(?:(?:[-—*_>|]+\s*)?(?:sent (?:from|via|with|on|by) (?:my |the |a |yahoo|outlook|mail|proton|samsung|blackberry|windows|gmail|nine|spark|type|aqua|mobile|iphone|ipad|android|huawei|xiaomi|tiscali)[^.!?]{0,60}|get outlook for (?:ios|android|mac).*|` +
	`(?:diese nachricht wurde )?(?:von meinem .{2,50} gesendet|gesendet (?:von|mit|über) (?:meinem |der |dem |outlook|mail|web).{0,60})|von (?:meinem )?(?:iphone|ipad|smartphone|samsung|mobiltelefon|handy).{0,30}gesendet|` +
	`envoyé (?:de|depuis|à partir) (?:mon|outlook|mail|l).{0,60}|enviado (?:desde|do|de|a partir do) (?:mi|meu|outlook|correo|yahoo|samsung|iphone).{0,60}|inviato (?:da|dal) (?:mio|iphone|outlook|libero|tiscali|yahoo|posta|samsung).{0,60}|` +
	`(?:verstuurd|verzonden) (?:vanaf|van|met) (?:mijn|outlook|mail).{0,60}|s[ae]ndt fra (?:min|outlook|mail).{0,60}|skickat från (?:min|outlook).{0,60}|lähetetty .{2,40}|wysłane? z (?:iphone|mojego|aplikacji|telefonu|programu).{0,60}|отправлено (?:с|из|от) .{2,60}|odesláno z .{2,60}|` +
	`(?:发自|發自|来自|寄自|傳送自|从)(?:我的|于)?.{0,30}(?:iphone|ipad|手机|手機|邮箱|郵箱|邮件|mail|android|华为|小米|vivo|oppo|设备|foxmail|outlook|网易|QQ).{0,30}|(?:通过|使用).{1,20}(?:发送|寄出)|` +
	`.{0,20}(?:iphone|ipad|android|スマートフォン|携帯|outlook).{0,20}から送信(?:しました)?|나의 .{2,30}에서 보냄|đã gửi từ .{2,40}|iphone'?umdan gönderildi))\s*$`)

// deviceWords are in every line of device; to look for them costs less.
var deviceWords = []string{"sent ", "outlook for", "gesendet", "envoy", "enviado", "inviato", "verstuurd", "verzonden", "dt fra", "skickat", "lähetetty", "wysłan", "отправлено", "odesláno",
	"自", "从", "通过", "使用", "送信", "보냄", "gửi", "gönder"}

func isDevice(line string) bool {
	if len(line) > 200 {
		return false
	}
	lower := strings.ToLower(line)
	for _, w := range deviceWords {
		if strings.Contains(lower, w) {
			return device.MatchString(line)
		}
	}
	return false
}

// delimiter is the line above a signature: two dashes and a space (RFC 3676), with or without the space.
var delimiter = regexp.MustCompile(`^(?:--|—|–|__|-- )\s*$`)

// cutSignature parts own lines at the signature. Nothing is cut when nothing would be left.
func cutSignature(own []string) (reply, signature []string) {
	for i, line := range own {
		if !said(own[:i]) {
			continue
		}
		device := isDevice(line)
		switch {
		case delimiter.MatchString(line) && len(own)-i <= signatureLines, device && !said(own[i+1:]):
			return own[:i], own[i:]
		case device: // she wrote on below it
			reply, signature = cutSignature(slices.Delete(slices.Clone(own), i, i+1))
			return reply, append([]string{line}, signature...)
		}
	}
	return own, nil
}

// signatureLines is how long a signature may be, with the line above it; what is longer is no signature.
const signatureLines = 12
