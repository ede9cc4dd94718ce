package quote

import (
	"regexp"
	"strings"
)

// originalWords name a mail that is quoted or passed on below.
const originalWords = `(?:original (?:message|mail|e-?mail|appointment)|reply message|forwarded message|(?:ur|ursp)\S*liche (?:nachricht|mail|e-mail)|original[- ]?nachricht|originalnachricht|weitergeleitete nachricht|` +
	`message d['’]origine|message original|message (?:transféré|transmis|réexpédié)|courriel original|mensaje (?:original|reenviado)|mensagem (?:original|encaminhada|reencaminhada)|messaggio (?:originale|inoltrato)|` +
	`(?:oorspronkelijk|origineel|doorgestuurd) bericht|oprindelig (?:meddelelse|besked)|videresendt (?:meddelelse|besked|melding)|opprinnelig melding|original ?meddelande|ursprungligt meddelande|vidarebefordrat meddelande|` +
	`alkuperäinen viesti|(?:wiadomość oryginalna|oryginalna wiadomość|wiadomość przekazana dalej|przekazana wiadomość)|původní (?:zpráva|e-mail)|pôvodná správa|eredeti üzenet|orijinal mesaj|iletilmiş ileti|` +
	`исходное сообщение|пересылаемое сообщение|(?:пере)?сообщение пересылки|оригинальное сообщение|пересланное сообщение|` +
	`原始邮件|原始郵件|原邮件|原郵件|邮件原件|回复的原邮件|回复的邮件|转发(?:的)?邮件(?:信息)?|转发邮件|轉寄(?:的)?郵件|轉寄郵件|被转发邮件|原始信件|` +
	`元のメッセージ|元のメール|転送(?:された)?メッセージ|オリジナルメッセージ|원본 ?메시지|원본 ?메일|전달된 ?메시지|tin nhắn gốc)`

var (
	rulerWords = regexp.MustCompile(`(?i)^[\s>]*[-_=*~]{2,}\s*` + originalWords + `\s*[:：]?\s*[-_=*~]*\s*$`)
	plainWords = regexp.MustCompile(`(?i)^[\s>*]*(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)|début du message (?:réexpédié|transféré)|inizio messaggio inoltrato|inicio del mensaje reenviado|início da mensagem (?:re)?encaminhada|begin doorgestuurd bericht|` +
		`start på videresendt besked|vidarebefordrat brev|начало переадресованного сообщения|开始转发的邮件|下面是被转发的邮件|以下是轉寄的郵件|開始轉寄郵件|転送されたメッセージ|전달된 메시지 시작)\s*[:：]\s*\*?$`)
	shortRuler = regexp.MustCompile(`(?i)^\s*` + originalWords + `\s*[-_=]{3,}\s*$`)
)

// separator tells whether a quoted mail follows a line. Most lines neither begin nor end as one of the forms does.
func separator(line string) bool {
	core := strings.Trim(line, "> \t\r")
	if core == "" || len(line) >= 300 {
		return false
	}
	return strings.ContainsRune("-_=*~", rune(core[0])) && rulerWords.MatchString(line) ||
		endsInColon(core) && plainWords.MatchString(line) ||
		strings.ContainsRune("-_=", rune(core[len(core)-1])) && shortRuler.MatchString(line)
}
