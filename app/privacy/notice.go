package privacy

import (
	"context"
	"embed"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// The notice that a desk has until it writes its own: its version 1. Who has accepted it has accepted these words, so
// they do not change once they were released; a test holds them.
//
//go:embed notice
var builtIn embed.FS

const (
	firstNotice = 1
	// NoticeMax is the longest text of a notice, in code points.
	NoticeMax = 20_000
	// shopMark stands in the built-in text for the shop's name.
	shopMark = "{shop}"
)

// Notice is a version of the desk's own privacy notice, in both languages. It never changes once it is there.
type Notice struct {
	Version   int64 `gorm:"primaryKey;autoIncrement:false"`
	Zh, En    string
	Asks      bool // who has accepted an older version is asked again
	AgentID   id.ID
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

// TableName is the notices' table.
func (Notice) TableName() string { return "notices" }

// Text gives the notice in a language; in the other one when it has none in this.
func (n *Notice) Text(locale string) string {
	first, other := n.En, n.Zh
	if strings.HasPrefix(locale, "zh") {
		first, other = other, first
	}
	if first == "" {
		return other
	}
	return first
}

// Notice gives a version of the notice; zero: the newest. Errors: NotFound.
func (s *Service) Notice(ctx context.Context, version int64) (*Notice, error) {
	return s.notice(ctx, s.Store.Read(ctx), version)
}

func (s *Service) notice(ctx context.Context, tx *gorm.DB, version int64) (*Notice, error) {
	var n Notice
	q := tx.Order("version DESC")
	if version != 0 {
		q = q.Where("version = ?", version)
	}
	err := q.Take(&n).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		if version > firstNotice || version < 0 {
			return nil, fault.New(fault.NotFound, "web.error.not_found")
		}
		return s.builtInNotice(ctx)
	}
	return &n, err
}

// Notices lists all versions without their texts, the newest first.
func (s *Service) Notices(ctx context.Context) ([]Notice, error) {
	var list []Notice
	err := s.Store.Read(ctx).Select("version", "asks", "agent_id", "created_at").Order("version DESC").Find(&list).Error
	if err == nil && len(list) == 0 {
		list = []Notice{{Version: firstNotice}}
	}
	return list, err
}

// builtInNotice is the text that comes with the program, in the shop's name.
func (s *Service) builtInNotice(ctx context.Context) (*Notice, error) {
	shop, err := s.Tickets.Shop(ctx)
	if err != nil {
		return nil, err
	}
	n := &Notice{Version: firstNotice}
	for file, one := range map[string]struct {
		text   *string
		nobody string
	}{"zh-CN": {&n.Zh, "本店"}, "en": {&n.En, "This shop"}} {
		raw, err := builtIn.ReadFile("notice/" + file + ".txt")
		if err != nil {
			return nil, err
		}
		name := shop.Name
		if name == "" {
			name = one.nobody
		}
		*one.text = strings.ReplaceAll(strings.TrimSpace(string(raw)), shopMark, name)
	}
	return n, nil
}

// NewNotice is what SaveNotice takes.
type NewNotice struct {
	Zh, En string
	Asks   bool
}

// SaveNotice makes a new version, unless nothing has changed; the versions before stay for good. It gives the version
// that holds now. Errors: Denied (administrators may), Invalid (zh, en).
func (s *Service) SaveNotice(ctx context.Context, a tickets.Actor, in NewNotice) (*Notice, error) {
	if a.Role != tickets.RoleAdmin {
		return nil, fault.New(fault.Denied, "error.denied")
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var out *Notice
	err := s.Store.Write(ctx, func(tx *gorm.DB) error {
		last, err := s.notice(ctx, tx, 0)
		if err != nil {
			return err
		}
		if out = last; last.Zh == in.Zh && last.En == in.En && !in.Asks {
			return nil
		}
		if last.CreatedAt == 0 { // the program's own: kept as it was shown, whatever the shop is called later
			last.CreatedAt = tickets.Millis(s.Now())
			if err := tx.Create(last).Error; err != nil {
				return err
			}
		}
		out = &Notice{Version: last.Version + 1, Zh: in.Zh, En: in.En, Asks: in.Asks, AgentID: a.ID, CreatedAt: tickets.Millis(s.Now())}
		return tx.Create(out).Error
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// check brings the texts into form.
func (in *NewNotice) check() error {
	for field, text := range map[string]*string{"zh": &in.Zh, "en": &in.En} {
		*text = strings.TrimSpace(strings.ReplaceAll(*text, "\r\n", "\n"))
		if !utf8.ValidString(*text) || strings.ContainsRune(*text, 0) {
			return fault.InvalidField(field, "invalid", "privacy.error.notice", nil)
		}
		if utf8.RuneCountInString(*text) > NoticeMax {
			return fault.InvalidField(field, "too_long", "privacy.error.notice_long", map[string]any{"max": NoticeMax})
		}
	}
	if in.Zh == "" && in.En == "" {
		return fault.InvalidField("zh", "required", "privacy.error.notice", nil)
	}
	return nil
}

// NoticeStanding is which version of the notice holds, and since which one an acceptance counts.
func (s *Service) NoticeStanding(ctx context.Context) (current, since string, err error) {
	var newest, asked int64
	err = s.Store.Read(ctx).Raw(`SELECT COALESCE(MAX(n.version), ?), COALESCE(MAX(CASE WHEN n.asks THEN n.version END), ?) FROM notices n`,
		firstNotice, firstNotice).Row().Scan(&newest, &asked)
	return strconv.FormatInt(newest, 10), strconv.FormatInt(asked, 10), err
}
