package files

import (
	"bytes"
	"image"
	_ "image/gif" // the kinds of picture that are looked into
	_ "image/jpeg"
	_ "image/png"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/gabriel-vasile/mimetype"
	_ "golang.org/x/image/webp" // and this one

	"huiyin/tickets/fault"
)

// kind is what a file is, by its content.
type kind struct {
	media         string
	width, height int  // of a picture
	thumb         bool // a small picture can be made
}

const (
	pixelsMax = 50_000_000 // of a picture: more is a bomb, or of no use in a chat
	thumbMax  = 25_000_000 // of which a small one is made: 100 MB while it is decoded
	opaque    = "application/octet-stream"
	movingPNG = "image/apng" // an animated one is a PNG to every browser
)

// inline are the kinds that browsers show as pictures and cannot run.
var inline = []string{"image/jpeg", "image/png", "image/gif", "image/webp"}

// Inline tells whether a kind may be shown in a page. All else is downloaded.
func Inline(media string) bool { return slices.Contains(inline, media) }

// programs are kinds, and endings of names, that run on the reader's machine.
var (
	programs = []string{
		"application/vnd.microsoft.portable-executable", "application/x-executable", "application/x-elf", "application/x-mach-binary",
		"application/x-sharedlib", "application/x-ms-installer", "application/x-ms-shortcut", "application/java-archive", "application/vnd.android.package-archive",
	}
	programEndings = []string{
		".exe", ".com", ".bat", ".cmd", ".scr", ".pif", ".msi", ".js", ".jse", ".vbs", ".vbe", ".wsf", ".ps1", ".hta", ".lnk", ".jar",
		".apk", ".sh", ".app", ".dll", ".cpl", ".reg",
	}
)

// judge tells what a file is. Errors: Invalid: an empty file, a program, a picture of too many pixels.
func judge(name string, content []byte) (kind, error) {
	if len(content) == 0 {
		return kind{}, fault.InvalidField("file", "empty", "error.file.empty", nil)
	}
	found := mimetype.Detect(content)
	media, _, _ := strings.Cut(found.String(), ";")
	for m := found; m != nil; m = m.Parent() {
		if slices.ContainsFunc(programs, m.Is) {
			return kind{}, fault.InvalidField("file", "kind", "error.file.program", nil)
		}
	}
	if slices.Contains(programEndings, strings.ToLower(path.Ext(strings.TrimRight(name, ". ")))) {
		return kind{}, fault.InvalidField("file", "kind", "error.file.program", nil)
	}
	if media == movingPNG {
		media = "image/png"
	}
	if !Inline(media) {
		return kind{media: media}, nil
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || "image/"+format != media || config.Width <= 0 || config.Height <= 0 {
		return kind{media: opaque}, nil // it begins like a picture and is none: nobody shows it
	}
	pixels := int64(config.Width) * int64(config.Height)
	if pixels > pixelsMax {
		return kind{}, fault.InvalidField("file", "pixels", "error.file.pixels", map[string]any{"max": pixelsMax / 1_000_000})
	}
	k := kind{media: media, width: config.Width, height: config.Height, thumb: pixels <= thumbMax}
	if media == "image/jpeg" && orientation(content) > 4 { // it lies on its side
		k.width, k.height = k.height, k.width
	}
	return k, nil
}

// nameMax is the longest name, in code points.
const nameMax = 120

// cleanName makes a file's name harmless: no path, no controls, nothing that turns the direction of writing, none of
// the names that Windows keeps for itself. A name without an ending gets the one of its kind.
func cleanName(name, media string) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), strings.ContainsRune(`<>:"|?*`, r), r == unicode.ReplacementChar:
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, name)
	name = strings.Trim(strings.Join(strings.Fields(name), " "), ". ")
	ending := path.Ext(name)
	base := strings.TrimRight(strings.TrimSuffix(name, ending), ". ")
	if reserved(base) || base == "" {
		base = "file" + strings.TrimLeft(base, ". ")
	}
	if len(ending) < 2 || len(ending) > 12 {
		base, ending = base+ending, ""
	}
	if ending == "" {
		if m := mimetype.Lookup(media); m != nil {
			ending = m.Extension()
		}
	}
	if r := []rune(base); len(r) > nameMax-len(ending) {
		base = string(r[:nameMax-len(ending)])
	}
	return base + ending
}

// reserved tells names that Windows gives to devices.
func reserved(base string) bool {
	base, _, _ = strings.Cut(strings.ToUpper(base), ".")
	switch base {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "COM") || strings.HasPrefix(base, "LPT")) && base[3] >= '0' && base[3] <= '9'
}
