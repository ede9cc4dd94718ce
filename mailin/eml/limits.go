package eml

import (
	"slices"
	"time"
)

// What one mail may cost. A mail that goes beyond is read as far as it goes, and says so in its defects.
const (
	depthMax     = 30        // multiparts within multiparts
	partsMax     = 1000      // parts of all depths
	headersMax   = 1 << 20   // bytes of one header section
	headerMax    = 256 << 10 // bytes of one header
	piecesMax    = 200       // RFC 2231 pieces of one parameter
	addressesMax = 1000      // of one header
	idsMax       = 200       // of References and In-Reply-To
	textMax      = 4 << 20   // bytes of one text
	decodedMax   = 128 << 20 // bytes of all parts together, decoded
	defectsMax   = 50
	timeMax      = 1500 * time.Millisecond // after it, what is left is kept as it came
)

// The defects that a mail can have: what was broken and how it was read.
const (
	defectDepth       = "nested deeper than 30 levels: the rest is kept as it came"
	defectParts       = "more than 1000 parts: the rest is left out"
	defectTime        = "took too long to read: the rest is kept as it came"
	defectSize        = "grows too large when decoded: the rest is left out"
	defectHeaders     = "headers over 1 MB: the rest of them is left out"
	defectHeaderLong  = "a header over 256 KB: cut"
	defectHeaderLine  = "a line among the headers that is none: passed over"
	defectPieces      = "a parameter in more than 200 pieces: cut"
	defectAddresses   = "more than 1000 addresses in one header: the rest is left out"
	defectAddress     = "an address that cannot be read as one: kept as it is written"
	defectBoundary    = "a multipart without a boundary: guessed from its first line of dashes"
	defectNoParts     = "a multipart without parts: read as text"
	defectUnclosed    = "a multipart without its closing boundary: ends with the mail"
	defectBase64      = "base64 with other characters in it: they are passed over"
	defectEncoding    = "an unknown transfer encoding: read as it came"
	defectCharset     = "a charset that is unknown or does not fit: guessed"
	defectNUL         = "NUL characters: dropped"
	defectHeaderBytes = "headers with raw 8-bit characters: the charset is guessed"
	defectDate        = "a date that cannot be read"
	defectText        = "text over 4 MB, or HTML over 1 MB: cut where it is read as text"
	defectTNEF        = "a winmail.dat that cannot be read to its end"
)

// budget is what is left of the limits while one mail is read.
type budget struct {
	until   time.Time
	parts   int
	decoded int
	defects []string
}

func newBudget(now time.Time) *budget {
	return &budget{until: now.Add(timeMax), parts: partsMax, decoded: decodedMax}
}

// say notes a defect once.
func (b *budget) say(defect string) {
	if len(b.defects) < defectsMax && !slices.Contains(b.defects, defect) {
		b.defects = append(b.defects, defect)
	}
}

// late tells whether the time is used up.
func (b *budget) late() bool {
	if time.Now().Before(b.until) {
		return false
	}
	b.say(defectTime)
	return true
}

// part takes one part; false when there were enough.
func (b *budget) part() bool {
	if b.parts--; b.parts < 0 {
		b.say(defectParts)
		return false
	}
	return true
}

// room gives how many of n decoded bytes may be kept.
func (b *budget) room(n int) int {
	if n > b.decoded {
		b.say(defectSize)
		n = b.decoded
	}
	b.decoded -= n
	return n
}
