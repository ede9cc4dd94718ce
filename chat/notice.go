package chat

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

// NoticeStanding tells which version of the desk's own privacy notice holds, and since which one an acceptance counts.
type NoticeStanding func(ctx context.Context) (current, since string, err error)

// privacyNotice is what a shopper of an inbox is asked to take note of before her first message.
type privacyNotice struct {
	purpose tickets.Purpose
	version string
	since   string // the oldest version whose acceptance still counts
	url     string
}

// noticeOf is the inbox's own notice where it names one, else the desk's.
func (d *Desk) noticeOf(ctx context.Context, inbox *tickets.Inbox) (privacyNotice, error) {
	if set := &inbox.Settings; set.NoticeURL != "" {
		version := set.NoticeVersion
		if version == "" {
			version = "1"
		}
		return privacyNotice{tickets.PurposeShop, version, version, set.NoticeURL}, nil
	}
	current, since, err := d.standing(ctx)
	if err != nil {
		return privacyNotice{}, err
	}
	at := d.base.JoinPath("privacy")
	at.RawQuery = "version=" + current
	return privacyNotice{tickets.PurposePrivacy, current, since, at.String()}, nil
}

// enough tells whether a version that was accepted makes asking again needless. Versions of the desk's notice are numbers,
// those of a shop's own are words.
func (n *privacyNotice) enough(version string) bool {
	if version == n.version {
		return true
	}
	got, gotErr := strconv.ParseInt(version, 10, 64)
	since, sinceErr := strconv.ParseInt(n.since, 10, 64)
	current, currentErr := strconv.ParseInt(n.version, 10, 64)
	return n.purpose == tickets.PurposePrivacy && gotErr == nil && sinceErr == nil && currentErr == nil && got >= since && got <= current
}

// taken tells whether she has accepted the notice, and whether an older one that counts no more.
func (d *Desk) taken(ctx context.Context, contact id.ID, n privacyNotice) (accepted, older bool, err error) {
	versions, err := d.tickets.Accepted(ctx, contact, n.purpose)
	accepted = slices.ContainsFunc(versions, n.enough)
	return accepted, !accepted && len(versions) > 0, err
}

// acceptNotice keeps that she has taken note of the inbox's notice, in the version that she was shown.
func (d *Desk) acceptNotice(ctx context.Context, s *session, n privacyNotice, version string) error {
	if version != n.version {
		return nil // an old page: she is shown the new one next time
	}
	return d.tickets.AcceptNotice(ctx, s.ContactID, n.purpose, version)
}

// takeNotice is POST /chat/v1/sessions/notice.
func (d *Desk) takeNotice(c *caller, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Version string `json:"version"`
	}
	if p := readBody(w, r, startMax, &in); p != nil {
		return p
	}
	n, err := d.noticeOf(r.Context(), c.inbox)
	if err != nil {
		return err
	}
	if in.Version != n.version {
		return newProblem(codeInvalid, "chat.error.notice")
	}
	if err := d.acceptNotice(r.Context(), c.k.session, n, in.Version); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// takeTold is POST /chat/v1/sessions/told: whether she wants to be told once what she complained of has been improved. It
// is asked apart from the notice, and taken back the same way.
func (d *Desk) takeTold(c *caller, w http.ResponseWriter, r *http.Request) error {
	var in struct {
		On *bool `json:"on"`
	}
	if p := readBody(w, r, startMax, &in); p != nil {
		return p
	}
	if in.On == nil {
		return newProblem(codeInvalid, "chat.error.wrong_type", "field", "on")
	}
	if err := d.tickets.SetTold(r.Context(), c.actor(), c.k.session.ContactID, *in.On, tickets.SourceChat); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
