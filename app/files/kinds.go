package files

import (
	"slices"
	"strings"

	"huiyin/tickets/fault"
)

// Kinds of files that a desk may take or refuse, as people think of them. Programs are none of them: they are refused
// always.
const (
	KindPicture  = "picture"
	KindPDF      = "pdf"
	KindDocument = "document" // texts, tables, slides
	KindMedia    = "media"    // sound and film
	KindArchive  = "archive"
	KindOther    = "other"
)

// Kinds are all of them, in the order in which they are named to people.
var Kinds = []string{KindPicture, KindPDF, KindDocument, KindMedia, KindArchive, KindOther}

// documents and archives are the media types of two kinds, besides those that officeTypes begin.
var (
	documents = []string{
		"text/plain", "text/csv", "text/tab-separated-values", "text/rtf", "application/rtf", "application/msword", "application/vnd.ms-excel",
		"application/vnd.ms-powerpoint", "application/epub+zip",
	}
	officeTypes = []string{"application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."}
	archives    = []string{
		"application/zip", "application/gzip", "application/x-7z-compressed", "application/x-tar", "application/x-xz", "application/x-bzip2",
		"application/vnd.rar", "application/x-rar-compressed", "application/zstd", "application/lzip", "application/vnd.ms-cab-compressed", "application/x-cpio",
	}
)

// kindOf tells the kind of a media type. A drawing that can hold a script counts as other, not as a picture.
func kindOf(media string) string {
	begins := func(with string) bool { return strings.HasPrefix(media, with) }
	switch {
	case media == "image/svg+xml":
		return KindOther
	case begins("image/"):
		return KindPicture
	case media == "application/pdf":
		return KindPDF
	case begins("audio/"), begins("video/"), media == "application/ogg":
		return KindMedia
	case slices.Contains(documents, media), slices.ContainsFunc(officeTypes, begins):
		return KindDocument
	case slices.Contains(archives, media):
		return KindArchive
	}
	return KindOther
}

// accepts are what a browser's file dialog is told of each kind; it is a help, the server looks for itself.
var accepts = map[string]string{
	KindPicture:  "image/*",
	KindPDF:      "application/pdf,.pdf",
	KindDocument: "text/plain,.txt,.csv,.rtf,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.odt,.ods,.odp",
	KindMedia:    "audio/*,video/*",
	KindArchive:  ".zip,.gz,.7z,.tar,.rar,.xz,.bz2",
}

// Limits are the desk's choices for files.
type Limits struct {
	MaxMB int `json:"max_mb"` // of one file, 1 to MaxMB
	// Kinds that are taken; of an old desk that never chose, all.
	Kinds []string `json:"kinds,omitempty"`
}

// Takes tells whether a kind is taken.
func (l Limits) Takes(kind string) bool { return slices.Contains(l.Kinds, kind) }

// Accept is the value of the attribute "accept" of a file field; empty when nothing is left out.
func (l Limits) Accept() string {
	if l.Takes(KindOther) {
		return ""
	}
	var list []string
	for _, k := range l.Kinds {
		list = append(list, accepts[k])
	}
	return strings.Join(list, ",")
}

// checked is the choices in order, each kind once. Errors: Invalid.
func (l Limits) checked() (Limits, error) {
	if l.MaxMB < 1 || l.MaxMB > MaxMB {
		return l, fault.InvalidField("max_mb", "invalid", "error.file.max_mb", map[string]any{"max": MaxMB})
	}
	var kinds []string
	for _, k := range Kinds {
		if l.Takes(k) {
			kinds = append(kinds, k)
		}
	}
	if len(kinds) == 0 {
		return l, fault.InvalidField("kinds", "required", "error.file.kinds", nil)
	}
	l.Kinds = kinds
	return l, nil
}
