package tickets

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// MacroScope says whose quick replies they are.
type MacroScope string

// The scopes.
const (
	MacroEveryone MacroScope = "everyone"
	MacroTeam     MacroScope = "team"
	MacroPerson   MacroScope = "person"
)

// Limits of quick replies. Lengths are in code points after NFC.
const (
	MacroTextMax       = 5_000
	MacroTitleMax      = 100
	MacroGroupMax      = 50 // of a group's name
	MacroShortcutMax   = 30
	MacrosMax          = 2_000   // on one shelf
	macroShelfBytesMax = 4 << 20 // sealed texts of one shelf
	macroGroupsMax     = 200     // on one shelf
)

// MacroShelf is where quick replies lie: everybody's, one team's, one person's. Groups and shortcuts are the shelf's own.
type MacroShelf struct {
	Scope MacroScope
	Owner id.ID // the team's or agent's id; zero for everyone
}

// Everyones is the shelf of the whole desk.
var Everyones = MacroShelf{Scope: MacroEveryone}

// String is the shelf's name in addresses and forms: "everyone", "team-17", "person-17".
func (s MacroShelf) String() string {
	if s.Scope == MacroEveryone {
		return string(s.Scope)
	}
	return string(s.Scope) + "-" + s.Owner.String()
}

// ParseMacroShelf reads what String wrote. Errors: Invalid, field shelf.
func ParseMacroShelf(text string) (MacroShelf, error) {
	scope, owner, _ := strings.Cut(text, "-")
	if text == string(MacroEveryone) {
		return Everyones, nil
	}
	one, err := id.Parse(owner)
	if err != nil || one == 0 || (scope != string(MacroTeam) && scope != string(MacroPerson)) {
		return MacroShelf{}, fault.InvalidField("shelf", "invalid", "error.macro.shelf", nil)
	}
	return MacroShelf{MacroScope(scope), one}, nil
}

// Macro is a quick reply: a text with variables that an agent puts into her answer. Title, shortcut and text are sealed
// with the desk's key.
type Macro struct {
	ID             id.ID `gorm:"primaryKey;autoIncrement:false"`
	Scope          MacroScope
	OwnerID        id.ID
	GroupID        id.ID  // zero: in no group
	TitleSealed    []byte `gorm:"column:title"`
	TitleHash      []byte
	ShortcutSealed []byte `gorm:"column:shortcut"`
	ShortcutHash   []byte
	TextSealed     []byte `gorm:"column:body"`
	Title          string `gorm:"-"`
	Shortcut       string `gorm:"-"`
	Text           string `gorm:"-"`
	Files          int    `gorm:"-"` // how many it has
	Place          int64  // among those of its group
	Uses           int64
	UsedAt         *int64
	CreatedAt      int64 `gorm:"autoCreateTime:false"`
	UpdatedAt      int64 `gorm:"autoUpdateTime:false"`
}

// Shelf is where it lies.
func (m *Macro) Shelf() MacroShelf { return MacroShelf{m.Scope, m.OwnerID} }

// MacroGroup is a group of quick replies, or with a parent a group within one; there is no third level.
type MacroGroup struct {
	ID         id.ID `gorm:"primaryKey;autoIncrement:false"`
	Scope      MacroScope
	OwnerID    id.ID
	ParentID   id.ID  // zero: a group of the first level
	NameSealed []byte `gorm:"column:name"`
	NameHash   []byte
	Name       string `gorm:"-"`
	Place      int64
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
	UpdatedAt  int64 `gorm:"autoUpdateTime:false"`
}

// MacroEdit is what somebody writes of a quick reply. Groups are named; one that is new is made.
type MacroEdit struct {
	Shelf           MacroShelf
	Group, Subgroup string
	Title, Shortcut string
	Text            string
}

// normal gives the stored form. Errors: Invalid, by field.
func (m MacroEdit) normal() (MacroEdit, error) {
	var err error
	for _, line := range []struct {
		field string
		text  *string
		most  int
	}{{"group", &m.Group, MacroGroupMax}, {"subgroup", &m.Subgroup, MacroGroupMax}, {"shortcut", &m.Shortcut, MacroShortcutMax}} {
		if *line.text, err = normalLine(line.field, *line.text, line.most); err != nil {
			return m, err
		}
	}
	if m.Title, err = requiredLine("title", m.Title, MacroTitleMax); err != nil {
		return m, err
	}
	if m.Group == "" && m.Subgroup != "" {
		return m, fault.InvalidField("group", "required", "error.macro.group", nil)
	}
	m.Shortcut = strings.TrimLeft(m.Shortcut, "/／")
	if strings.ContainsAny(m.Shortcut, " /／") {
		return m, fault.InvalidField("shortcut", "invalid", "error.macro.shortcut", nil)
	}
	m.Text, err = normalMacroText(m.Text)
	return m, err
}

// macroForm is the form of a title, shortcut or group's name that is hashed: what differs in case or width only is one.
func macroForm(name string) string { return strings.ToLower(norm.NFKC.String(name)) }
