package oldtexts

import (
	"crypto/sha256"
	"strconv"
	"strings"
	"time"

	"huiyin/app/intake"
	"huiyin/app/sheet"
	"huiyin/tickets/fault"
	"huiyin/tickets/seal"
)

// Limits of a file.
const (
	// FileMax is how many bytes it may have: so much is held in memory while it is sent, and never laid down unsealed.
	FileMax = intake.FileMax
	// LinesMax is how many lines it may hold.
	LinesMax = 100_000

	cellLines = 400     // a whole chat in one cell is no open quotation mark
	cellBytes = 130_000 // what a cell of a spreadsheet holds at most
	textMax   = 10_000  // characters of a text that are kept
	orderMax  = 100
	skuMax    = 100
	staffMax  = 200 // names
)

// earliest is before every shop on the net: a year of two digits is no date.
var earliest = time.Date(1995, 1, 1, 0, 0, 0, 0, time.UTC)

// Plan says how a file is read. It holds numbers and words of the program only, but for the names of the shop's people.
type Plan struct {
	Preset  string        `json:"preset"`
	Columns map[Field]int `json:"columns"`
	Rows    int           `json:"rows"`
	AsOf    int64         `json:"as_of"` // when it was sent: nothing in it is later
	Day     int64         `json:"day"`   // of lines without a time; 0: they are refused
	Staff   [][]byte      `json:"staff"` // keyed hashes of the names of those who speak for the shop
}

// Reject is a line that was not taken.
type Reject = intake.Reject[Field]

// read reads a file. Errors: Invalid, field file.
func (s *Service) read(data []byte) ([]sheet.Row, error) {
	rows, err := s.files.Rows(data, sheet.Limits{Bytes: FileMax, Rows: LinesMax + 1, Unpacked: intake.Unpacked, CellBytes: cellBytes, CellLines: cellLines})
	if e := fault.As(err); e != nil && e.Fields[0].Code == "too_long" {
		return nil, s.files.Wrong("too_long", map[string]any{"max": LinesMax}) // the header is no line
	}
	return rows, err
}

// line is a line that is taken.
type line struct {
	row     sheet.Row
	nth     int // which of the lines of the file that say all the same
	session string
	text    string
	at      time.Time
	channel string
	order   string
	sku     string
	who     string
	blames  bool
}

// reading turns rows into lines.
type reading struct {
	plan   *Plan
	preset Preset
	zone   *time.Location
	sealer *seal.Sealer
	seen   map[[sha256.Size]byte]int // how often each line was said already
}

// read reads a row. Without a line, and without a reject, it says nothing that counts.
func (r *reading) read(row sheet.Row) (*line, *Reject) {
	cell := func(f Field) string {
		text := sheet.Bare(sheet.Cell(row, r.plan.Columns, f))
		if sheet.Nothing(text) {
			return ""
		}
		return text
	}
	reject := func(f Field, code string) (*line, *Reject) {
		col := 0
		if at, ok := r.plan.Columns[f]; ok {
			col = at + 1
		}
		return nil, &Reject{Line: row.Line, Col: col, Field: f, Code: code}
	}
	l := &line{row: row, session: cell(FieldSession), text: intake.Shortened(cell(FieldText), textMax), order: cell(FieldOrder), sku: cell(FieldSKU), who: cell(FieldCustomer)}
	switch side := r.side(cell(FieldSpeaker), l.who); {
	case side == Unknown:
		return reject(FieldSpeaker, "speaker")
	case side == Shop, l.text == "":
		return nil, nil
	}
	if list := turns(l.text); list != nil {
		unknown := false
		if l.text, unknown = r.shoppersTurns(list, l.who); unknown {
			return reject(FieldText, "speaker")
		}
		if l.text == "" {
			return nil, nil
		}
	}
	var code string
	if l.at, code = r.when(cell(FieldTime)); code != "" {
		return reject(FieldTime, code)
	}
	stars, good := starsOf(cell(FieldRating))
	switch {
	case !good:
		return reject(FieldRating, "rating")
	case len([]rune(l.order)) > orderMax:
		return reject(FieldOrder, "too_long")
	case len([]rune(l.sku)) > skuMax:
		return reject(FieldSKU, "too_long")
	}
	l.channel = channelOf(cell(FieldChannel), r.preset.channel)
	l.blames = stars > 0 && stars < 3 || blamed(cell(FieldTags))
	r.count(l)
	return l, nil
}

// count says which one a line is of those that say all the same: two shoppers may write the same two words, and a file that
// comes again says both again.
func (r *reading) count(l *line) {
	key := sha256.Sum256([]byte(l.said()))
	r.seen[key]++
	l.nth = r.seen[key]
}

func (r *reading) side(speaker, customer string) Side {
	return sideOf(speaker, customer, len(r.plan.Staff) > 0, func(name string) bool { return r.plan.isStaff(r.sealer, name) })
}

// when reads the time of a line.
func (r *reading) when(cell string) (time.Time, string) {
	if cell == "" && r.plan.Day != 0 {
		return time.UnixMilli(r.plan.Day), ""
	}
	if cell == "" {
		return time.Time{}, "required"
	}
	at, ok := sheet.When(cell, r.zone)
	switch {
	case !ok || at.Before(earliest):
		return at, "time_cell"
	case at.UnixMilli() > r.plan.AsOf+24*time.Hour.Milliseconds():
		return at, "future"
	}
	return at, ""
}

// Kinds of keyed hashes.
const (
	hashLine    = "insight.import_line"
	hashSession = "insight.import_session"
	hashStaff   = "insight.import_staff"
)

// said is all that a line says of itself.
func (l *line) said() string {
	return strings.Join([]string{l.session, l.who, l.at.UTC().Format(time.RFC3339), l.order, l.text}, "\x1f")
}

// hash is by what a line is known again.
func (l *line) hash(s *seal.Sealer) []byte {
	return s.Hash(hashLine, l.said()+"\x1f"+strconv.Itoa(l.nth))
}

// chat is by what the chat of a line is known again; nil: the line is its own.
func (l *line) chat(s *seal.Sealer, preset string) []byte {
	if l.session == "" {
		return nil
	}
	return s.Hash(hashSession, preset+"\x1f"+l.session)
}

func (p *Plan) isStaff(s *seal.Sealer, name string) bool {
	if len(p.Staff) == 0 {
		return false
	}
	hash := string(s.Hash(hashStaff, name))
	for _, one := range p.Staff {
		if string(one) == hash {
			return true
		}
	}
	return false
}
