package eml

import (
	"encoding/json"
	"strings"
)

// sesNotice reads a notification of Amazon SES, which comes as JSON in a mail where the shop has asked for it.
func (m *reader) sesNotice(msg *Message) *Bounce {
	text := strings.TrimSpace(msg.Text)
	if !strings.HasPrefix(text, "{") || !strings.Contains(text, "mail") {
		return nil
	}
	text = strings.ReplaceAll(text, "\n ", "") // lines that were folded on the way
	var topic struct{ Type, Message string }
	if json.NewDecoder(strings.NewReader(text)).Decode(&topic) == nil && topic.Type == "Notification" {
		text = topic.Message // by way of SNS
	}
	type who struct {
		EmailAddress   string
		Status, Action string
		DiagnosticCode string
	}
	var n struct {
		NotificationType, EventType string
		Bounce                      struct{ BouncedRecipients []who }
		Complaint                   struct {
			ComplainedRecipients  []who
			ComplaintFeedbackType string
		}
		Delivery struct {
			Recipients   []string
			SMTPResponse string
		}
		Mail struct {
			MessageID     string
			CommonHeaders struct{ MessageID string }
		}
	}
	if json.NewDecoder(strings.NewReader(text)).Decode(&n) != nil { // what follows the object is for people
		return nil
	}
	b := &Bounce{OriginalID: strings.Trim(n.Mail.CommonHeaders.MessageID, "<>")}
	if b.OriginalID == "" {
		b.OriginalID = n.Mail.MessageID
	}
	switch strings.ToLower(n.NotificationType + n.EventType) {
	case "bounce":
		one := first(n.Bounce.BouncedRecipients)
		b.Recipient, b.Status, b.Action = one.EmailAddress, one.Status, "failed"
		_, diagnostic, typed := strings.Cut(one.DiagnosticCode, ";")
		if !typed {
			diagnostic = one.DiagnosticCode
		}
		b.Diagnostic = line(diagnostic)
		if better := statusIn(b.Diagnostic); b.Status == "" {
			b.Status = better
		}
	case "complaint":
		b.Recipient, b.Action = first(n.Complaint.ComplainedRecipients).EmailAddress, "reported"
		b.Diagnostic = line("feedback: " + n.Complaint.ComplaintFeedbackType)
	case "delivery":
		b.Recipient, b.Action, b.Diagnostic = first(n.Delivery.Recipients), "delivered", line(n.Delivery.SMTPResponse)
		b.Status = "2.0.0"
	default:
		return nil
	}
	return b
}
