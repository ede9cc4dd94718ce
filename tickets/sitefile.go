package tickets

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"huiyin/tickets/fault"
)

// SiteFile is a small text at an address of the desk's root, by which a platform sees whose the address is.
type SiteFile struct {
	Name string `json:"name"` // path below the root: MP_verify_a1b2.txt, .well-known/security.txt
	Text []byte `json:"text"`
}

const (
	siteFiles       = 10
	siteFileMax     = 4 << 10 // bytes
	siteFileNameMax = 120
)

// Files at the root are known by their ending, so that no page of the desk, now or later, can be in their place; under
// .well-known (RFC 8615) names are free, but for the folder in which ACME answers.
var (
	rootFile  = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*\.(txt|html|htm|xml|json)$`)
	knownFile = regexp.MustCompile(`^\.well-known/([A-Za-z0-9_-][A-Za-z0-9._-]*/)?[A-Za-z0-9_-][A-Za-z0-9._-]*$`)
)

func siteFileName(name string) bool {
	switch {
	case len(name) > siteFileNameMax, strings.Contains(name, ".."), strings.HasPrefix(strings.ToLower(name), ".well-known/acme-challenge"):
		return false
	}
	return rootFile.MatchString(name) || knownFile.MatchString(name)
}

// PutSiteFile adds a file, or replaces the one of its name. The name may be written as the path or address that a
// platform asks for. Errors: Invalid; Conflict when there are too many.
func (s *Service) PutSiteFile(ctx context.Context, name string, text []byte) error {
	name = strings.TrimPrefix(strings.TrimSpace(name), "/")
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var wrong []fault.Field
	if !siteFileName(name) {
		wrong = append(wrong, fault.Field{Name: "name", Code: "invalid", Key: "error.site.file_name"})
	}
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		wrong = append(wrong, fault.Field{Name: "text", Code: "required", Key: "error.site.file_empty"})
	case len(text) > siteFileMax:
		wrong = append(wrong, fault.Field{Name: "text", Code: "too_long", Key: "error.site.file_size"})
	case !plainText(text):
		wrong = append(wrong, fault.Field{Name: "text", Code: "invalid", Key: "error.site.file_text"})
	}
	if len(wrong) > 0 {
		return &fault.Error{Kind: fault.Invalid, Key: wrong[0].Key, Fields: wrong}
	}
	return s.changeSite(ctx, func(site *Site) error {
		site.Files = slices.DeleteFunc(site.Files, func(f SiteFile) bool { return f.Name == name })
		if len(site.Files) >= siteFiles {
			return fault.New(fault.Conflict, "error.site.files")
		}
		site.Files = append(site.Files, SiteFile{name, text})
		slices.SortFunc(site.Files, func(a, b SiteFile) int { return strings.Compare(a.Name, b.Name) })
		return nil
	})
}

// RemoveSiteFile removes a file; one that is not there is gone already.
func (s *Service) RemoveSiteFile(ctx context.Context, name string) error {
	return s.changeSite(ctx, func(site *Site) error {
		site.Files = slices.DeleteFunc(site.Files, func(f SiteFile) bool { return f.Name == name })
		return nil
	})
}

// plainText tells a text from anything else: UTF-8 without control characters but for line ends and tabs.
func plainText(text []byte) bool {
	return utf8.Valid(text) && bytes.IndexFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
	}) < 0
}
