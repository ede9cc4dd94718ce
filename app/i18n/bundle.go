package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// The locales of the desk.
const (
	Chinese = "zh-CN"
	English = "en"
)

// Default is the locale of a person of whom nothing is known.
const Default = Chinese

// Locales are the desk's locales, the default first.
func Locales() []string { return []string{Chinese, English} }

// readers are languages that we do not write, but whose readers manage with the default.
var readers = []language.Tag{language.TraditionalChinese}

//go:embed locales
var files embed.FS

// Bundle is the set of all texts.
type Bundle struct {
	matcher    language.Matcher
	localizers map[string]*i18n.Localizer
	raw        map[string]map[string]any // locale, key: a string, or map[string]string of plural forms
}

// Load reads the embedded texts.
func Load() (*Bundle, error) { return load(files, "locales") }

func load(fsys fs.FS, root string) (*Bundle, error) {
	b := &Bundle{localizers: map[string]*i18n.Localizer{}, raw: map[string]map[string]any{}}
	bundle := i18n.NewBundle(language.Make(Default))
	tags := make([]language.Tag, 0, len(Locales()))
	for _, locale := range Locales() {
		tag := language.Make(locale)
		tags = append(tags, tag)
		b.raw[locale] = map[string]any{}
		names, err := fs.Glob(fsys, path.Join(root, locale, "*.json"))
		if err != nil {
			return nil, fmt.Errorf("list texts of %s: %w", locale, err)
		}
		for _, name := range names {
			if err := b.addFile(fsys, bundle, tag, locale, name); err != nil {
				return nil, fmt.Errorf("read texts %s: %w", name, err)
			}
		}
	}
	for _, locale := range Locales() {
		b.localizers[locale] = i18n.NewLocalizer(bundle, locale)
	}
	b.matcher = language.NewMatcher(append(tags, readers...))
	return b, nil
}

func (b *Bundle) addFile(fsys fs.FS, bundle *i18n.Bundle, tag language.Tag, locale, name string) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	var texts map[string]any
	if err := json.Unmarshal(data, &texts); err != nil {
		return err
	}
	messages := make([]*i18n.Message, 0, len(texts))
	for key, value := range texts {
		if _, double := b.raw[locale][key]; double {
			return fmt.Errorf("key %s stands twice", key)
		}
		message := &i18n.Message{ID: key}
		switch v := value.(type) {
		case string:
			message.Other = v
			b.raw[locale][key] = v
		case map[string]any:
			forms := map[string]string{}
			for form, text := range v {
				forms[form], _ = text.(string) // what is no text is found empty by a test
			}
			message.One, message.Other = forms["one"], forms["other"]
			b.raw[locale][key] = forms
		default:
			return fmt.Errorf("key %s is neither a text nor plural forms", key)
		}
		messages = append(messages, message)
	}
	return bundle.AddMessages(tag, messages...)
}

// Text is the text of a key in a locale of Locales; another locale is matched first. args fill its {{.name}} places
// and args["count"] chooses the plural form. A key that does not exist comes back as it is: visible, but no failure.
func (b *Bundle) Text(locale, key string, args map[string]any) string {
	localizer, ok := b.localizers[locale]
	if !ok {
		locale = b.Match("", locale)
		localizer = b.localizers[locale]
	}
	raw, ok := b.raw[locale][key]
	if !ok {
		return key
	}
	if plain, ok := raw.(string); ok && !strings.Contains(plain, "{{") {
		return plain
	}
	text, err := localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: args, PluralCount: args["count"]})
	if err != nil && text == "" {
		return key
	}
	return text
}

// Match chooses the locale of a person: what she chose, else the best of her browser's Accept-Language, else Default.
func (b *Bundle) Match(acceptLanguage, chosen string) string {
	for _, wish := range []string{chosen, acceptLanguage} {
		tags, _, err := language.ParseAcceptLanguage(wish)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, confidence := b.matcher.Match(tags...); confidence >= language.Low {
			if i < len(Locales()) {
				return Locales()[i]
			}
			return Default
		}
		if wish == acceptLanguage {
			return English // she reads neither; English is the likelier second language
		}
	}
	return Default
}

// Select gives the raw texts of a locale for the scripts of a page: every named key, and for a name that ends with a
// dot every key that begins with it. A text is a string, or a map of plural forms; static/js/lib/text.js reads both.
func (b *Bundle) Select(locale string, names ...string) map[string]any {
	texts := b.raw[b.Match("", locale)]
	chosen := make(map[string]any, len(names))
	for _, name := range names {
		if !strings.HasSuffix(name, ".") {
			if text, ok := texts[name]; ok {
				chosen[name] = text
			}
			continue
		}
		for key, text := range texts {
			if strings.HasPrefix(key, name) {
				chosen[key] = text
			}
		}
	}
	return chosen
}

// Keys are the keys of a locale, sorted.
func (b *Bundle) Keys(locale string) []string {
	keys := make([]string, 0, len(b.raw[locale]))
	for key := range b.raw[locale] {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
