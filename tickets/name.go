package tickets

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"huiyin/tickets/id"
)

// tokensMax bounds the search tokens of one name.
const tokensMax = 32

// nameTokens cuts a name into the pieces by which it is found: words in lower case, and of Chinese (Japanese, Korean)
// runs every pair of neighbours, the whole run, or the lone character.
func nameTokens(name string) []string {
	var out []string
	add := func(token string) {
		if token != "" && len(out) < tokensMax && !slices.Contains(out, token) {
			out = append(out, token)
		}
	}
	for _, run := range nameRuns(strings.ToLower(norm.NFKC.String(name))) {
		r := []rune(run)
		if !ideographic(r[0]) || len(r) <= 2 {
			add(run)
			continue
		}
		add(run)
		for i := range len(r) - 1 {
			add(string(r[i : i+2]))
		}
	}
	return out
}

// nameRuns cuts a text at whatever is no letter or digit, and where the script changes from or to an ideographic one.
func nameRuns(s string) []string {
	var runs []string
	var run []rune
	flush := func() {
		if len(run) > 0 {
			runs = append(runs, string(run))
			run = nil
		}
	}
	for _, r := range s {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r):
			flush()
			continue
		case len(run) > 0 && ideographic(run[0]) != ideographic(r):
			flush()
		}
		run = append(run, r)
	}
	flush()
	return runs
}

func ideographic(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

// saveNameTokens replaces the keyed hashes by which the contact's name is found.
func (s *Service) saveNameTokens(c conn, p *Contact) error {
	if _, err := c.exec(`DELETE FROM contact_tokens WHERE contact_id = ?`, int64(p.ID)); err != nil {
		return err
	}
	return s.addNameTokens(c, p)
}

// addNameTokens is saveNameTokens for contacts who have none.
func (s *Service) addNameTokens(c conn, list ...*Contact) error {
	var args []any
	for _, p := range list {
		for _, token := range nameTokens(p.Name) {
			args = append(args, s.seal.Hash(hashName, token), int64(p.ID))
		}
	}
	return c.insertAll(`INSERT INTO contact_tokens (hash, contact_id) VALUES (?, ?)`, 2, args, ` ON CONFLICT DO NOTHING`)
}

// Of the words of a query the rarest one leads the search; how rare a word is, is looked at up to this many contacts.
const (
	rareEnough = 1000
	wordsMax   = 8
)

// contactsNamed gives contacts whose names hold all tokens, the newest first.
func (s *Service) contactsNamed(c conn, tokens []string, limit int) ([]id.ID, error) {
	if len(tokens) == 0 {
		return nil, nil
	}
	hashes := make([]any, 0, wordsMax)
	for _, token := range tokens[:min(len(tokens), wordsMax)] {
		hashes = append(hashes, s.seal.Hash(hashName, token))
	}
	if err := c.rarestFirst(hashes); err != nil {
		return nil, err
	}
	query := `SELECT k.contact_id FROM contact_tokens k WHERE k.hash = ?` +
		strings.Repeat(` AND EXISTS (SELECT 1 FROM contact_tokens o WHERE o.hash = ? AND o.contact_id = k.contact_id)`, len(hashes)-1)
	return c.ids(query+` ORDER BY k.contact_id DESC LIMIT ?`, append(hashes, limit)...)
}

// rarestFirst puts the hash that the fewest contacts have at the front.
func (c conn) rarestFirst(hashes []any) error {
	if len(hashes) < 2 {
		return nil
	}
	fewest := rareEnough + 1
	for i, hash := range hashes {
		var n int
		err := c.row(`SELECT COUNT(*) FROM (SELECT k.contact_id FROM contact_tokens k WHERE k.hash = ? LIMIT ?) x`, hash, rareEnough).Scan(&n)
		if err != nil {
			return err
		}
		if n < fewest {
			fewest = n
			hashes[0], hashes[i] = hashes[i], hashes[0]
		}
	}
	return nil
}
