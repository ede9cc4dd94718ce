package files

import (
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"time"

	"huiyin/tickets/id"
)

const (
	linkHash = "file.link" // kind of keyed hash
	// linkSpan is how long a link lives at least, and half of how long at most. Within a span the same file has the
	// same link, so that browsers find it in their cache.
	linkSpan = 12 * time.Hour
	macSize  = 16 // bytes
)

// Link is the path of a file's content, Original or Small, for whoever may see it now. It opens for 12 to 24 hours.
func (s *Service) Link(file id.ID, what string) string {
	until := (s.Now().Unix()/int64(linkSpan.Seconds()) + 2) * int64(linkSpan.Seconds())
	return fmt.Sprintf("/files/%d/%s/%d/%s", file, what, until, s.mac(file, what, until))
}

func (s *Service) mac(file id.ID, what string, until int64) string {
	return hex.EncodeToString(s.Sealer.Hash(linkHash, fmt.Sprintf("%d/%s/%d", file, what, until))[:macSize])
}

// Opens tells whether the parts of a path are a link of ours that still lives.
func (s *Service) Opens(file id.ID, what string, until int64, mac string) bool {
	good := subtle.ConstantTimeCompare([]byte(mac), []byte(s.mac(file, what, until))) == 1
	return good && s.Now().Unix() < until
}
