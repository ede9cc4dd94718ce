package jobs

import (
	"errors"
	"regexp"
	"strings"

	"github.com/riverqueue/river"
)

// maxErrorText bounds what is kept of an error, in bytes.
const maxErrorText = 500

// Errors are stored with the job and logged, where nothing personal may lie; but a mail server's refusal repeats the
// address, a text message gate's the number.
var personal = regexp.MustCompile(`[^\s<>"'=,;:]+@[^\s<>"',;:]+|\+?\d(?:[ -]?\d){6,}`)

// cleanText takes addresses and long numbers out of an error's text.
func cleanText(s string) string {
	s = personal.ReplaceAllString(s, "…")
	if len(s) > maxErrorText {
		s = s[:maxErrorText]
	}
	return strings.ToValidUTF8(s, "")
}

// cleanError has another text than the error it stands for, and is it in every other respect.
type cleanError struct {
	text string
	err  error
}

// Error is the text without personal data.
func (e *cleanError) Error() string { return e.text }

// Unwrap gives the original.
func (e *cleanError) Unwrap() error { return e.err }

// cleaned makes the error that River may keep.
func cleaned(err error) error {
	if err == nil {
		return nil
	}
	var snooze *river.JobSnoozeError
	if errors.As(err, &snooze) {
		return err
	}
	return &cleanError{text: cleanText(err.Error()), err: err}
}
