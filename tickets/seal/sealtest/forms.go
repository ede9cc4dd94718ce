package sealtest

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"
)

const (
	shortest  = 6  // bytes of a pattern: the odds that random data holds one are 2^-48 a byte
	longText  = 24 // characters from which on a text's beginning and end are searched too
	pieceSize = 16 // characters of them
)

// form is one way in which a secret may stand on the disk.
type form struct {
	secret string
	name   string
	bytes  []byte
}

// formsOf lists all forms of all secrets. Of a long text the beginning and the end are looked for too, because
// previews are cut, and a database splits what is longer than a page.
func formsOf(secrets []string) (*forms, error) {
	f := &forms{seen: map[string]bool{}}
	for _, secret := range secrets {
		if len(secret) < shortest {
			return nil, fmt.Errorf("%q is too short to search for: chance would find it", secret)
		}
		f.addText(secret, secret, "")
		f.addText(secret, strings.ToLower(secret), " in lower case")
		if runes := []rune(secret); len(runes) >= longText {
			f.addText(secret, string(runes[:pieceSize]), ", its beginning,")
			f.addText(secret, string(runes[len(runes)-pieceSize:]), ", its end,")
		}
	}
	f.index()
	return f, nil
}

func (f *forms) addText(secret, text, what string) {
	add := func(name string, b []byte) { f.add(form{secret: secret, name: name + what, bytes: b}) }
	raw := []byte(text)
	add("utf-8", raw)
	units := utf16.Encode([]rune(text))
	little, big := []byte{}, []byte{}
	for _, u := range units {
		little, big = binary.LittleEndian.AppendUint16(little, u), binary.BigEndian.AppendUint16(big, u)
	}
	add("utf-16le", little)
	add("utf-16be", big)
	for _, s := range jsonForms(text, units) {
		add("json", []byte(s))
		add("json in json", []byte(strings.ReplaceAll(s, `\`, `\\`)))
	}
	for _, s := range []string{url.QueryEscape(text), url.PathEscape(text)} {
		add("url", []byte(s))
		add("url", []byte(lowerEscapes(s)))
	}
	for lead := range 3 {
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			add("base64", base64Core(enc, raw, lead))
		}
	}
	add("hex", []byte(hex.EncodeToString(raw)))
	add("hex", []byte(strings.ToUpper(hex.EncodeToString(raw))))
	add("sql", []byte(strings.NewReplacer("\\", `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text))) // COPY's text
	add("sql", []byte(strings.ReplaceAll(text, "'", "''")))
}

// jsonForms are the text within a JSON string: as Go writes it, with and without HTML's characters escaped, and with
// everything but ASCII as \uXXXX.
func jsonForms(text string, units []uint16) []string {
	html, err := json.Marshal(text)
	if err != nil {
		return nil
	}
	var plain strings.Builder
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	if enc.Encode(text) != nil {
		return nil
	}
	var lower, upper strings.Builder
	for _, u := range units {
		if u < 0x80 {
			lower.WriteByte(byte(u))
			upper.WriteByte(byte(u))
			continue
		}
		fmt.Fprintf(&lower, `\u%04x`, u)
		fmt.Fprintf(&upper, `\u%04X`, u)
	}
	return []string{strings.Trim(string(html), `"`), strings.Trim(strings.TrimSpace(plain.String()), `"`), lower.String(), upper.String()}
}

func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], strings.ToLower(string(b[i+1:i+3])))
		}
	}
	return string(b)
}

// base64Core gives the characters that raw becomes within a longer text in base64, when the bytes before it number
// lead modulo three: those that hold bits of raw only.
func base64Core(enc *base64.Encoding, raw []byte, lead int) []byte {
	whole := enc.EncodeToString(append(make([]byte, lead), raw...))
	first := (lead*8 + 5) / 6
	last := (lead + len(raw)) * 8 / 6
	return []byte(whole[first:last])
}
