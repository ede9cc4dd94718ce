// Package i18n holds every text that a person sees, in every language of the desk.
//
// The texts are files beside the code, locales/<locale>/<area>.json, embedded in the binary. A file is one flat JSON
// object: a dotted key that begins with the area's name, and a text, or an object with the plural forms of the CLDR
// ("one", "other") for texts that count. Values are written {{.name}}; the count is {{.count}}:
//
//	"console.list.mine": "Mine"
//	"console.thread.new": {"one": "{{.count}} new message", "other": "{{.count}} new messages"}
//
// Adding a text means a line in both languages. The tests refuse a key that one language lacks, that nothing uses, or
// that is used and does not exist, and in Chinese any other word than the one that the product has chosen for a thing.
//
// A Bundle is made once at start and never changes, so it is safe for concurrent use. The package imports nothing of
// ours and knows nothing of requests: the caller says which locale she wants.
package i18n
