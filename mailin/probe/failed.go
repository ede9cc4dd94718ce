package probe

import (
	"context"
	"errors"
	"slices"
	"strings"

	"huiyin/mailin/imapbox"
)

// steps are those of imapbox in our names; what stands before one of them has passed when it fails.
var steps = map[imapbox.Step]Name{imapbox.StepDial: Connect, imapbox.StepTLS: TLS, imapbox.StepSignIn: SignIn, imapbox.StepFolder: Folder}

// failed tells which step an opening has failed at.
func (r *run) failed(ctx context.Context, err error) {
	s := Step{Name: Connect, State: Failed, Reason: string(imapbox.ReasonOther), Host: r.IMAP.Host, Folder: r.IMAP.Folder, Said: r.said(err)}
	var e *imapbox.Error
	if errors.As(err, &e) {
		s.Reason = r.reason(e)
		if name, known := steps[e.Step]; known {
			s.Name = name
		}
		if e.Reason == imapbox.ReasonName {
			s.Name = Lookup
		}
	}
	for _, name := range []Name{Lookup, Connect, TLS, SignIn, Folder} {
		if name == s.Name {
			break
		}
		if !r.told[name] {
			r.passed(name)
		}
	}
	if s.Reason == string(imapbox.ReasonMissing) {
		s.Folders = r.folders(ctx)
	}
	r.report(s)
}

// reason makes the reason finer where the provider's words tell more.
func (r *run) reason(e *imapbox.Error) string {
	said := strings.ToLower(e.Server)
	switch {
	case e.Reason != imapbox.ReasonPassword:
		return string(e.Reason)
	case r.IMAP.Token != nil:
		return ReasonConsent
	case slices.ContainsFunc(imapOff, func(words string) bool { return strings.Contains(said, words) }):
		return ReasonIMAPOff
	case r.Code || strings.Contains(said, "authorized code") || strings.Contains(said, "authorization code") || strings.Contains(said, "application-specific"):
		return ReasonCode
	}
	return string(e.Reason)
}

// imapOff are words of servers for a mailbox whose owner has not switched IMAP on (QQ, Gmail, NetEase, others).
var imapOff = []string{"service is not open", "imap service is", "imap is disabled", "not enabled for imap", "imap access is disabled", "imap access disabled", "user is not allowed to use imap"}

// folders asks which there are.
func (r *run) folders(ctx context.Context) []string {
	config := r.IMAP
	config.Folder = "INBOX"
	box, err := imapbox.Open(ctx, config)
	if err != nil {
		return nil
	}
	defer box.Close()
	names, _ := box.Folders(ctx) // without them the failure is told all the same
	return names
}

// said is what the server said, fit to be shown.
func (r *run) said(err error) string {
	var e *imapbox.Error
	if !errors.As(err, &e) {
		return ""
	}
	return Scrub(e.Server, r.IMAP.Password, r.IMAP.User, r.Address)
}
