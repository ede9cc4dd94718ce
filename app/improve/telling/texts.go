package telling

import (
	"encoding/json"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// TextMax is how many characters a text may have.
const TextMax = 2000

// Texts are what is said, by language.
type Texts map[string]string

// checked brings texts into their stored form. Errors: Invalid (fields text_zh-CN, text_en).
func (t Texts) checked() (Texts, error) {
	out := Texts{}
	for _, lang := range Languages() {
		if !tickets.Visible(t[lang]) {
			continue
		}
		text, err := tickets.MacroText(t[lang])
		if e := fault.As(err); e != nil && len(e.Fields) > 0 {
			f := e.Fields[0]
			return nil, fault.InvalidField("text_"+lang, f.Code, f.Key, f.Args)
		}
		if err != nil {
			return nil, err
		}
		if len([]rune(text)) > TextMax {
			return nil, fault.InvalidField("text_"+lang, "too_long", "telling.error.long", map[string]any{"max": TextMax})
		}
		out[lang] = text
	}
	if len(out) == 0 {
		return nil, fault.InvalidField("text_"+Languages()[0], "required", "telling.error.text", nil)
	}
	return out, nil
}

func (s *Service) sealJSON(tx *gorm.DB, table string, row id.ID, what any) ([]byte, error) {
	plain, err := json.Marshal(what)
	if err != nil {
		return nil, err
	}
	return s.Sealer.Seal(tx, s.Sealer.DeskKey(), table, "texts", row, plain)
}

func (s *Service) openJSON(tx *gorm.DB, table string, row id.ID, sealed []byte, into any) error {
	plain, err := s.Sealer.Open(tx, table, "texts", row, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}
