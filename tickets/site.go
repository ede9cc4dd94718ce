package tickets

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"gorm.io/gorm"

	"huiyin/tickets/fault"
)

const siteSetting = "site"

// Site is what the authorities and platforms want to see at the desk's own address: the numbers of its filing in
// mainland China, and small files that prove whose address it is.
type Site struct {
	ICP    string     `json:"icp"`    // 沪ICP备12345678号-1
	Police string     `json:"police"` // 沪公网安备31010102001234号
	Files  []SiteFile `json:"files"`
}

// File finds a file by its path below the root.
func (s Site) File(name string) (SiteFile, bool) {
	i := slices.IndexFunc(s.Files, func(f SiteFile) bool { return f.Name == name })
	if i < 0 {
		return SiteFile{}, false
	}
	return s.Files[i], true
}

// siteCache keeps the site for a moment, as shopCache does the shop.
type siteCache struct{ at atomic.Pointer[cachedSite] }

type cachedSite struct {
	site  Site
	until time.Time
}

// Site gives the site's settings, at most a second old. When the database does not answer, the last known ones come
// with the error.
func (s *Service) Site(ctx context.Context) (Site, error) {
	now := s.now()
	cached := s.site.at.Load()
	if cached != nil && now.Before(cached.until) {
		return cached.site, nil
	}
	var site Site
	data, found, err := s.Setting(ctx, siteSetting)
	if err == nil && found {
		err = json.Unmarshal(data, &site)
	}
	if err != nil {
		err = fmt.Errorf("read the site's settings: %w", err)
		if cached != nil {
			return cached.site, err
		}
		return Site{}, err
	}
	s.site.at.Store(&cachedSite{site, now.Add(shopFor)})
	return site, nil
}

// changeSite changes the site's settings in one transaction; fn may run more than once.
func (s *Service) changeSite(ctx context.Context, fn func(*Site) error) error {
	err := s.store.Write(ctx, func(tx *gorm.DB) error {
		var site Site
		data, found, err := s.readSetting(tx, siteSetting)
		if err == nil && found {
			err = json.Unmarshal(data, &site)
		}
		if err != nil {
			return fmt.Errorf("read the site's settings: %w", err)
		}
		if err := fn(&site); err != nil {
			return err
		}
		if data, err = json.Marshal(site); err != nil {
			return fmt.Errorf("encode the site's settings: %w", err)
		}
		if err := checkSetting(siteSetting, data); err != nil {
			return err
		}
		_, err = s.putSetting(on(tx), siteSetting, data, replaceSetting)
		return err
	})
	s.site.at.Store(nil)
	return err
}

// The forms of the numbers: a province's character, then the kind and digits. The ministry's ends in 号 and may count a
// site of its holder; a licence (ICP证, B2-…) stands for it with those who have one.
var (
	icpForm    = regexp.MustCompile(`^\p{Han}(ICP[备证]\d{6,10}号(-\d{1,4})?|B2-\d{8}(-\d{1,4})?)$`)
	policeForm = regexp.MustCompile(`^\p{Han}公网安备\d{14}号$`)
)

// SetSiteNumbers sets the filing numbers; an empty one shows nothing. Errors: Invalid.
func (s *Service) SetSiteNumbers(ctx context.Context, icp, police string) error {
	icp, police = filingNumber(icp), filingNumber(police)
	var wrong []fault.Field
	if icp != "" && !icpForm.MatchString(icp) {
		wrong = append(wrong, fault.Field{Name: "icp", Code: "invalid", Key: "error.site.icp"})
	}
	if police != "" && !policeForm.MatchString(police) {
		wrong = append(wrong, fault.Field{Name: "police", Code: "invalid", Key: "error.site.police"})
	}
	if len(wrong) > 0 {
		return &fault.Error{Kind: fault.Invalid, Key: wrong[0].Key, Fields: wrong}
	}
	return s.changeSite(ctx, func(site *Site) error {
		site.ICP, site.Police = icp, police
		return nil
	})
}

// filingNumber brings a number as people copy it into its form: no spaces, plain digits and dashes, ICP in capitals, 号
// at the end.
func filingNumber(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), r == '\u200b', r == '\ufeff':
			return -1
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '—' || r == '–':
			return '-'
		}
		return unicode.ToUpper(r)
	}, s)
	if strings.Contains(s, "备") && !strings.Contains(s, "号") {
		number, site, more := strings.Cut(s, "-")
		if s = number + "号"; more {
			s += "-" + site
		}
	}
	return s
}
