package quote

import (
	"regexp"
	"slices"
	"strings"
)

// attributionLines is how many lines an attribution takes at most: long addresses are folded.
const attributionLines = 4

var (
	// wroteWords say that somebody wrote, in the languages whose programs say so.
	wroteWords = `(?:wrote|writes|schrieb|geschrieben|schreef|skrev|skrifaði|kirjoitti|a écrit|écrit|escribi[oó]|escreveu|ha scritto|scrisse|va escriure|a scris|napisał(?:\(a\)|a)?|napsala?|napísala?|napisao|je napisala?|написала?|написав|пишет|пише|írta|yazdı|yazmış|έγραψε|כתב|كتب|đã viết|menulis|님이 작성|작성|写道|寫道|写到|さんは書きました|のメール|wrote on)`
	// wroteStems are their parts that never change: most lines have none of them, and to look for these costs a hundredth.
	wroteStems = []string{
		"wrote", "writes", "schrieb", "schreef", "skrev", "skrifaði", "kirjoitti", "écrit", "escribi", "escreveu", "scritto", "scrisse", "escriure", "a scris", "napisa", "napsal", "napísal",
		"написа", "пишет", "пише", "írta", "yazd", "yazm", "έγραψε", "כתב", "كتب", "đã viết", "menulis", "작성", "写道", "寫道", "写到", "さんは書きました", "のメール",
	}
	months = `(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|avr|juin|juil|août|déc|gen|giu|lug|ago|ene|abr|dic|out|set|lip|sty|lut|kwi|cze|sie|wrz|paź|lis|gru)`

	dated   = regexp.MustCompile(`(?i)\d{1,2}[:.h]\d{2}|\b(?:19|20)\d{2}\b|\d{1,4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,4}|\b\d{1,2}\.? ` + months + `|` + months + `[a-zé]*\.? \d{1,2}\b`)
	wrote   = regexp.MustCompile(`(?i)` + wroteWords)
	mailbox = regexp.MustCompile(`[^\s<>()"',;:]+@[^\s<>()"',;:]+`)

	// opening is how an attribution may begin: the word before a date, or a date, or a weekday.
	opening = regexp.MustCompile(`(?i)^(?:on|am|le|op|el|il|em|den|d\.|dnia|w dniu|dne|dňa|vào|pada|în|a|на|в|le|på|em|στις|na|u|at|date:|дана|quoting|zitat von|citando|in data|il giorno|în data|` +
		`mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|poniedziałek|wtorek|środa|czwartek|piątek|sobota|niedziela)[a-zа-я]*[\s,.]`)
	dateFirst = regexp.MustCompile(`(?i)^(?:\d{1,4}\s?[-/.年]\s?\d{1,2}|\d{1,2}\.?,? ` + months + `|` + months + `[a-zé]*\.? \d{1,2}|(?:on )?\d{1,2}:\d{2})`)
	cjkFirst  = regexp.MustCompile(`^(?:在|于|於|\d{4}\s?[年-])`)
	dashed    = regexp.MustCompile(`(?i)^-{2,}\s.{0,200}` + wroteWords + `\s*[:：]?\s*-{2,}\s*$`)
)

// attribution tells whether the lines from i on introduce a quotation: how many they are, and whether marked lines follow.
func attribution(all []string, i int) (n int, marked bool) {
	first := bare(all[i])
	if first == "" || len(first) > 400 {
		return 0, false
	}
	quoted := isQuoted(all[i])
	joined := ""
	goesOn := plausible(first)
	for n = 1; n <= attributionLines && i+n <= len(all); n++ {
		line := all[i+n-1]
		if strings.TrimSpace(line) == "" || isQuoted(line) != quoted && n > 1 {
			return 0, false
		}
		joined = strings.TrimSpace(joined + " " + bare(line))
		if len(joined) > 600 {
			return 0, false
		}
		marked = followedByQuoted(all, i+n)
		if introduces(joined, marked) {
			return n, marked
		}
		if !goesOn {
			return 0, false
		}
	}
	return 0, false
}

// bare takes marks of quotation and of bold letters off a line.
func bare(line string) string {
	return strings.TrimSpace(strings.Trim(strings.TrimLeft(line, " \t>|＞"), "* "))
}

// introduces looks at an attribution on one line. marked: lines follow that are marked as quoted, so less is asked for.
func introduces(s string, marked bool) bool {
	if strings.HasPrefix(s, "--") && dashed.MatchString(s) {
		return true
	}
	ends := endsInColon(s)
	if !strings.ContainsAny(s, "0123456789@") && !(marked && ends) { // most lines: neither a date nor an address
		return false
	}
	hasWrote := saysWrote(s)
	if !ends && !marked && !hasWrote {
		return false
	}
	hasDate, hasMailbox := dated.MatchString(s), hasAddress(s)
	begins := opening.MatchString(s) || dateFirst.MatchString(s) || cjkFirst.MatchString(s)
	switch {
	case hasWrote && (ends || lastWord(s)):
		return begins && hasDate && (clock.MatchString(s) || hasMailbox || marked) || hasMailbox && (hasDate || wroteEnds(s)) || marked && (hasDate || ends && wroteEnds(s) && begins)
	case ends && hasMailbox && hasDate:
		return begins || marked
	case ends && marked && hasDate:
		return begins
	case marked && hasMailbox && hasDate:
		return begins
	}
	return false
}

var wroteAtEnd = regexp.MustCompile(`(?i)` + wroteWords + `(?:\s+(?:am|on|le|op|em|il)\s.{4,60}|:?\s*)?[:：]?\s*\*?$`)

func wroteEnds(s string) bool { return wroteAtEnd.MatchString(s) }

// endsInColon looks behind the mark of a bold letter too.
func endsInColon(s string) bool {
	s = strings.TrimSpace(strings.TrimSuffix(s, "*"))
	return strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：")
}

func hasAddress(s string) bool { return strings.Contains(s, "@") && mailbox.MatchString(s) }

// saysWrote tells whether a line has a word for writing.
func saysWrote(s string) bool {
	low := strings.ToLower(s)
	return slices.ContainsFunc(wroteStems, func(stem string) bool { return strings.Contains(low, stem) }) && wrote.MatchString(s)
}

// lastWord tells whether the word for writing ends the line, without a colon.
func lastWord(s string) bool {
	at := wrote.FindAllStringIndex(s, -1)
	return len(at) > 0 && strings.Trim(s[at[len(at)-1][1]:], " :：*") == ""
}

// plausible tells whether a line may be the first of an attribution that takes several.
func plausible(line string) bool {
	return opening.MatchString(line) || dateFirst.MatchString(line) || cjkFirst.MatchString(line) || hasAddress(line) || strings.HasSuffix(line, "<") ||
		strings.HasPrefix(line, "--")
}

func followedByQuoted(all []string, i int) bool {
	for blank := 0; i < len(all) && blank <= 4; i++ {
		if strings.TrimSpace(all[i]) != "" {
			return isQuoted(all[i]) || isBar(all[i])
		}
		blank++
	}
	return false
}
