package eml

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// aliases are labels that mean more than they say, or that no registry knows.
var aliases = map[string]encoding.Encoding{
	"gb2312": simplifiedchinese.GB18030, "gbk": simplifiedchinese.GB18030, "gb18030": simplifiedchinese.GB18030, "gb_2312-80": simplifiedchinese.GB18030,
	"x-gbk": simplifiedchinese.GB18030, "cp936": simplifiedchinese.GB18030, "ms936": simplifiedchinese.GB18030, "chinese": simplifiedchinese.GB18030,
	"euc-cn": simplifiedchinese.GB18030, "hz-gb-2312": simplifiedchinese.HZGB2312,
	"cp950": traditionalchinese.Big5, "big5-hkscs": traditionalchinese.Big5, "big-5": traditionalchinese.Big5,
	"iso-8859-1": charmap.Windows1252, "us-ascii": charmap.Windows1252, "ascii": charmap.Windows1252, "latin1": charmap.Windows1252,
	"iso-8859-8-i": charmap.ISO8859_8, "iso-8859-8-e": charmap.ISO8859_8,
	"ks_c_5601-1987": korean.EUCKR, "cp949": korean.EUCKR, "ms949": korean.EUCKR, "x-windows-949": korean.EUCKR,
	"cp932": japanese.ShiftJIS, "x-sjis": japanese.ShiftJIS, "ms932": japanese.ShiftJIS, "shift-jis": japanese.ShiftJIS,
	"iso-2022-jp": japanese.ISO2022JP, "iso-2022-jp-ms": japanese.ISO2022JP, "iso-2022-jp-1": japanese.ISO2022JP, "iso-2022-jp-2": japanese.ISO2022JP,
	"cp50220": japanese.ISO2022JP, "cp50221": japanese.ISO2022JP,
	"cp437": charmap.CodePage437, "cp850": charmap.CodePage850, "cp1252": charmap.Windows1252, "ansi": charmap.Windows1252,
	"utf-16": unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "utf-16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	"utf-32":   utf32.UTF32(utf32.BigEndian, utf32.UseBOM), "utf-32be": utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM),
	"utf-32le": utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM),
}

// normalLabel brings the name of a charset into one form.
func normalLabel(label string) string {
	label = strings.ToLower(strings.Trim(label, " \t\r\n\"'`;,<>"))
	label, _, _ = strings.Cut(label, "*") // RFC 2231's language
	label = strings.TrimPrefix(label, "charset=")
	label = strings.TrimPrefix(label, "cs")
	return strings.ReplaceAll(label, "_8859", "-8859")
}

// lookUp finds the encoding that a label names; nil when nobody knows it.
func lookUp(label string) encoding.Encoding {
	if e := aliases[label]; e != nil {
		return e
	}
	if e, err := htmlindex.Get(label); err == nil && e != encoding.Replacement {
		return e
	}
	for _, index := range []*ianaindex.Index{ianaindex.MIME, ianaindex.IANA} {
		if e, err := index.Encoding(label); err == nil && e != nil {
			return e
		}
	}
	return nil
}

// isUTF8 tells whether a label says UTF-8.
func isUTF8(label string) bool {
	return label == "utf-8" || label == "utf8" || label == "unicode-1-1-utf-8" || label == "utf-8n" || label == "utf-8mb4" || label == "utf8mb4"
}

// sevenBit tells whether a charset writes its characters in plain ASCII, so that being valid UTF-8 says nothing.
func sevenBit(label string) bool {
	return strings.HasPrefix(label, "iso-2022-") || strings.HasPrefix(label, "utf-7") || strings.HasPrefix(label, "unicode-1-1-utf-7") ||
		strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "utf-32") || strings.HasPrefix(label, "cp5022") || label == "hz-gb-2312"
}

// toText turns bytes of a charset into text, as best as can be; it never gives a replacement character that was not
// sent. hint is a charset that the mail uses elsewhere, or empty. fits tells whether the label was true.
func toText(b []byte, label, hint string) (text string, fits bool) {
	label = normalLabel(label)
	fits = true
	if !strings.HasPrefix(label, "utf-16") && !strings.HasPrefix(label, "utf-32") && bytes.IndexByte(b, 0) >= 0 {
		b, fits = bytes.ReplaceAll(b, []byte{0}, nil), false
	}
	switch {
	case strings.HasPrefix(label, "utf-7") || label == "unicode-1-1-utf-7":
		if text, ok := fromUTF7(b); ok {
			return text, fits
		}
	case label == "iso-2022-kr":
		return fromISO2022KR(b), fits
	case sevenBit(label):
		text, ok := decodeWith(lookUp(label), b)
		if ok {
			return text, fits
		}
		if n := strings.Count(text, "\uFFFD"); text != "" && 5*n <= utf8.RuneCountInString(text) { // a character outside the table
			return strings.ReplaceAll(text, "\uFFFD", ""), false
		}
		fits = false
	case bytes.Contains(b, []byte("\x1b$")) && utf8.Valid(b): // Japanese that nobody has announced
		if text, ok := decodeWith(japanese.ISO2022JP, b); ok {
			return text, false
		}
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if utf8.Valid(b) && !rather(b, label) {
		return string(b), fits
	}
	if e := lookUp(label); e != nil && !isUTF8(label) {
		if text, ok := decodeWith(e, b); ok {
			return text, fits
		}
	}
	return guess(b, label, hint), false
}

// rather tells whether bytes that are valid UTF-8 are likelier what their label says. A short text of two-byte characters of GBK and
// its kin is often both; then it would be letters of Greek, Cyrillic or Hebrew at most, where the label says Chinese.
func rather(b []byte, label string) bool {
	e := lookUp(label)
	switch e {
	case simplifiedchinese.GB18030, traditionalchinese.Big5, korean.EUCKR, japanese.EUCJP, japanese.ShiftJIS:
	default:
		return false
	}
	other := false
	for _, r := range string(b) {
		if r >= 0x800 {
			return false
		}
		other = other || r >= 0x80
	}
	if !other {
		return false
	}
	_, ok := decodeWith(e, b)
	return ok
}

// decodeWith decodes; not ok when characters do not fit.
func decodeWith(e encoding.Encoding, b []byte) (string, bool) {
	if e == nil {
		return "", false
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return "", false
	}
	if bytes.Contains(out, []byte("\uFFFD")) && !bytes.Contains(b, []byte("\xef\xbf\xbd")) {
		return string(out), false
	}
	return string(out), true
}

// guess reads bytes whose charset is unknown or wrong.
func guess(b []byte, label, hint string) string {
	if mostlyUTF8(b) {
		return mixed(b)
	}
	// What the label says, or what the mail uses elsewhere, where most of it fits.
	for _, name := range []string{label, normalLabel(hint)} {
		e := lookUp(name)
		if e == nil || isUTF8(name) || sevenBit(name) {
			continue
		}
		out, err := e.NewDecoder().Bytes(b)
		if err == nil && 20*bytes.Count(out, []byte("\uFFFD")) <= utf8.RuneCount(out) {
			return strings.ReplaceAll(string(out), "\uFFFD", "")
		}
	}
	return latin(b)
}

// mostlyUTF8 tells whether nearly all that is not ASCII is UTF-8.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case r >= utf8.RuneSelf:
			good++
		}
		b = b[n:]
	}
	return good >= 4*bad
}

// mixed reads UTF-8 with a few bytes of something else in it.
func mixed(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			out.WriteString(latin(b[:1]))
		} else {
			out.Write(b[:n])
		}
		b = b[n:]
	}
	return out.String()
}

// latin reads every byte as windows-1252, and the five that it lacks as ISO 8859-1 does.
func latin(b []byte) string {
	var out strings.Builder
	out.Grow(len(b) + len(b)/8)
	for _, c := range b {
		if r := charmap.Windows1252.DecodeByte(c); r != utf8.RuneError {
			out.WriteRune(r)
		} else {
			out.WriteRune(rune(c))
		}
	}
	return out.String()
}

// fromISO2022KR reads RFC 1557: between SO and SI stand the 7 bits of EUC-KR.
func fromISO2022KR(b []byte) string {
	b = bytes.ReplaceAll(b, []byte("\x1b$)C"), nil)
	out := make([]byte, 0, len(b))
	shifted := false
	for _, c := range b {
		switch {
		case c == 0x0e:
			shifted = true
		case c == 0x0f:
			shifted = false
		case shifted && c > ' ' && c < 0x7f:
			out = append(out, c|0x80)
		default:
			out = append(out, c)
		}
	}
	text, _ := decodeWith(korean.EUCKR, out)
	return text
}
