package telling

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

// Limits of a story.
const (
	SaidMax     = 120  // characters
	DidMax      = 1000 // characters
	StoriesMost = 100  // on the page
)

// StoryText is a story in a language: what shoppers said, and what the shop did.
type StoryText struct {
	Said string `json:"said"`
	Did  string `json:"did"`
}

// Story is what the public page says of a task.
type Story struct {
	Task        id.ID
	Texts       map[string]StoryText // by language
	Since       string               // 2006-01-02 of the shop
	Fall        *int                 // in per cent; nil: not said
	PublishedAt *int64               // nil: it stands on no page
	UpdatedAt   int64
}

const storiesTable = "improved_stories"

// Draft is what a manager writes.
type Draft struct {
	Texts   map[string]StoryText
	Since   string
	Fall    bool // the measured fall is said
	Publish bool
}

// SaveStory keeps what is said of a task, on the page or not. Errors: NotFound, Invalid (fields said_…, did_…, since, fall).
func (s *Service) SaveStory(ctx context.Context, by tickets.Actor, task id.ID, d Draft) error {
	t, err := s.Task(ctx, task)
	if err != nil {
		return err
	}
	texts, err := checkedStory(d.Texts)
	if err != nil {
		return err
	}
	if day, err := time.Parse(time.DateOnly, d.Since); err != nil || day.After(s.Now().AddDate(0, 0, 1)) || day.Year() < 2000 {
		return fault.InvalidField("since", "invalid", "telling.error.since", nil)
	}
	fall, published := any(nil), any(nil)
	if d.Fall {
		if t.Fall == nil {
			return fault.InvalidField("fall", "invalid", "telling.error.fall", nil)
		}
		fall = *t.Fall
	}
	now := s.Now().UnixMilli()
	if d.Publish {
		published = now
	}
	err = s.Store.Write(ctx, func(tx *gorm.DB) error {
		sealed, err := s.sealJSON(tx, storiesTable, task, texts)
		if err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO improved_stories (task_id, texts, since, fall, published_at, agent_id, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)
 ON CONFLICT (task_id) DO UPDATE SET texts = excluded.texts, since = excluded.since, fall = excluded.fall, agent_id = excluded.agent_id, updated_at = excluded.updated_at,
 published_at = CASE WHEN excluded.published_at IS NULL THEN NULL ELSE COALESCE(improved_stories.published_at, excluded.published_at) END`,
			int64(task), sealed, d.Since, fall, published, int64(by.ID), now).Error
	})
	s.page.drop()
	return err
}

func checkedStory(texts map[string]StoryText) (map[string]StoryText, error) {
	out := map[string]StoryText{}
	for _, lang := range Languages() {
		t := texts[lang]
		t.Said, t.Did = strings.TrimSpace(tickets.WithoutControls(t.Said)), strings.TrimSpace(tickets.WithoutControls(t.Did))
		switch {
		case t.Said == "" && t.Did == "":
			continue
		case !tickets.Visible(t.Said):
			return nil, fault.InvalidField("said_"+lang, "required", "telling.error.said", nil)
		case !tickets.Visible(t.Did):
			return nil, fault.InvalidField("did_"+lang, "required", "telling.error.did", nil)
		case len([]rune(t.Said)) > SaidMax:
			return nil, fault.InvalidField("said_"+lang, "too_long", "telling.error.long", map[string]any{"max": SaidMax})
		case len([]rune(t.Did)) > DidMax:
			return nil, fault.InvalidField("did_"+lang, "too_long", "telling.error.long", map[string]any{"max": DidMax})
		}
		t.Said = strings.Join(strings.Fields(t.Said), " ")
		out[lang] = t
	}
	if len(out) == 0 {
		return nil, fault.InvalidField("said_"+Languages()[0], "required", "telling.error.said", nil)
	}
	return out, nil
}

// Story gives what is said of a task; nil: nothing was written yet.
func (s *Service) Story(ctx context.Context, task id.ID) (*Story, error) {
	list, err := s.stories(s.Store.Read(ctx), `WHERE task_id = ?`, int64(task))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

func (s *Service) stories(tx *gorm.DB, where string, args ...any) (out []Story, err error) {
	rows, err := tx.Raw(`SELECT task_id, texts, since, fall, published_at, updated_at FROM improved_stories `+where, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	var sealed [][]byte
	for rows.Next() {
		var one Story
		var b []byte
		if err := rows.Scan((*int64)(&one.Task), &b, &one.Since, &one.Fall, &one.PublishedAt, &one.UpdatedAt); err != nil {
			return nil, err
		}
		out, sealed = append(out, one), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.openJSON(tx, storiesTable, out[i].Task, sealed[i], &out[i].Texts); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// pageFor is how long the page's stories are kept in memory: another node's changes are seen so late here.
const pageFor = 30 * time.Second

// pageCache keeps what everybody reads.
type pageCache struct {
	mu    sync.Mutex
	list  []Story
	until time.Time
}

func (c *pageCache) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = time.Time{}
}

// Published gives what stands on the page, the newest first. The list is the caller's to read only.
func (s *Service) Published(ctx context.Context) ([]Story, error) {
	s.page.mu.Lock()
	defer s.page.mu.Unlock()
	if s.Now().Before(s.page.until) {
		return s.page.list, nil
	}
	list, err := s.stories(s.Store.Read(ctx), `WHERE published_at IS NOT NULL ORDER BY published_at DESC LIMIT ?`, StoriesMost)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b Story) int { return strings.Compare(b.Since, a.Since) })
	s.page.list, s.page.until = list, s.Now().Add(pageFor)
	return list, nil
}

// In gives a story in a language, or in the one that it is written in.
func (s *Story) In(lang string) (StoryText, string) {
	if t, ok := s.Texts[lang]; ok {
		return t, lang
	}
	for _, other := range Languages() {
		if t, ok := s.Texts[other]; ok {
			return t, other
		}
	}
	return StoryText{}, lang
}

// PageSettings are how the page is shown.
type PageSettings struct {
	Hidden bool `json:"hidden"` // search engines are asked to leave it out
	Linked bool `json:"linked"` // shoppers' ticket pages lead there, once something stands on it
}

const pageSetting = "improved_page"

// PageSettings gives how the page is shown.
func (s *Service) PageSettings(ctx context.Context) (p PageSettings, err error) {
	data, found, err := s.Tickets.Setting(ctx, pageSetting)
	if err == nil && found {
		err = json.Unmarshal(data, &p)
	}
	return p, err
}

// Linked tells whether shoppers' pages lead to the page.
func (s *Service) Linked(ctx context.Context) (bool, error) {
	p, err := s.PageSettings(ctx)
	if err != nil || !p.Linked {
		return false, err
	}
	list, err := s.Published(ctx)
	return len(list) > 0, err
}

// SavePageSettings changes how the page is shown.
func (s *Service) SavePageSettings(ctx context.Context, p PageSettings) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return s.Tickets.SetSetting(ctx, pageSetting, data)
}
