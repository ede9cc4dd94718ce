package quote

import (
	"regexp"
	"strings"
)

// headerNames are how programs of many languages name the headers of a mail that they quote.
var headerNames = map[string]string{
	"from":    `from|von|de|da|van|fra|från|lähettäjä|od|od koho|от|від|feladó|kimden|gönderen|expéditeur|remitente|mittente|nadawca|από|寄件者|寄件人|发件人|發件人|从|從|差出人|送信者|送信元|보낸 ?사람|보낸이`,
	"date":    `date|sent|datum|gesendet|gesendet am|envoyé|envoyé le|enviado|enviado el|enviada|enviada em|enviado em|fecha|data|inviato|verzonden|verstuurd|sendt|dato|skickat|lähetetty|päiväys|wysłano|wysłane|отправлено|дата|дата отправки|küldve|dátum|tarih|gönderilme|odesláno|datum odeslání|发送时间|发送日期|發送時間|日期|寄件日期|傳送時間|傳送日期|时间|時間|送信日時|送信日|日付|日時|보낸 ?날짜|날짜|보낸 ?시간`,
	"to":      `to|an|à|a|para|aan|til|till|vastaanottaja|do|komu|кому|címzett|kime|alıcı|destinataire|destinatario|destinatário|empfänger|收件人|收件者|宛先|받는 ?사람|받는이`,
	"cc":      `cc|kopie|copie|copia|kopia|kopija|копия|抄送|副本|참조`,
	"subject": `subject|betreff|objet|asunto|oggetto|assunto|onderwerp|emne|ämne|aihe|temat|тема|předmět|predmet|tárgy|konu|θέμα|主题|主題|主旨|标题|標題|件名|제목|re|risposta`,
	"reply":   `reply-to|antwort an|répondre à|responder a|rispondi a|回复|回复给|返信先`,
}

var headerLine = func() *regexp.Regexp {
	var parts []string
	for name, words := range headerNames {
		parts = append(parts, `(?P<`+name+`>`+words+`)`)
	}
	return regexp.MustCompile(`(?i)^[\s>|*_]*(?:` + strings.Join(parts, "|") + `)\s*\*?\s*[:：|]\s*\*?\s*(.*)$`)
}()

var clock = regexp.MustCompile(`\b\d{1,2}[:.h]\d{2}`)

// headerBlockLines is how far the headers of a quoted mail are looked for.
const headerBlockLines = 12

// headerBlock tells whether the headers of a quoted mail begin at line i.
func headerBlock(all []string, i int) bool {
	name, value := headerOf(all[i])
	if name == "" || name == "cc" || name == "subject" && strings.EqualFold(strings.TrimSpace(value), "") {
		return false
	}
	seen := map[string]bool{name: true}
	proof := mailbox.MatchString(value) || clock.MatchString(value)
	blank := 0
	for j := i + 1; j < len(all) && j < i+headerBlockLines && blank < 2; j++ {
		line := strings.TrimSpace(all[j])
		if line == "" {
			blank++
			continue
		}
		name, value := headerOf(all[j])
		if name == "" {
			if mailbox.MatchString(line) && blank == 0 { // a long list of addresses
				continue
			}
			break
		}
		if seen[name] && name != "cc" {
			break
		}
		blank = 0
		seen[name] = true
		proof = proof || mailbox.MatchString(value) || clock.MatchString(value)
	}
	// A courier's form names sender, recipient and date as well: an address or the time of a clock tells a mail from it, or a subject.
	n := len(seen)
	return seen["from"] && n >= 2 && !(n == 2 && seen["cc"]) && (proof || seen["subject"] && n >= 3) || n >= 4 && proof
}

func headerOf(line string) (name, value string) {
	if len(line) > 600 || !strings.ContainsAny(line, ":：|") {
		return "", ""
	}
	got := headerLine.FindStringSubmatch(line)
	if got == nil {
		return "", ""
	}
	for i, n := range headerLine.SubexpNames() {
		if n != "" && got[i] != "" {
			return n, got[len(got)-1]
		}
	}
	return "", ""
}
