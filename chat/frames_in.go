package chat

import (
	"encoding/json"
	"errors"

	"huiyin/tickets/id"
)

// incoming is any frame of a client; each type looks at its own fields. Unknown fields are ignored.
type incoming struct {
	Type        string           `json:"type"`
	ID          string           `json:"id"`
	Session     string           `json:"session"`
	Ticket      string           `json:"ticket"`
	After       int64            `json:"after"`
	Tickets     map[string]int64 `json:"tickets"`
	Body        string           `json:"body"`
	Attachments []string         `json:"attachments"`
	Notice      string           `json:"notice"`
	Page        *page            `json:"page"`
	On          bool             `json:"on"`
	Seq         int64            `json:"seq"`
	N           json.RawMessage  `json:"n"`
	Kind        string           `json:"kind"`
	Seen        *int64           `json:"seen"`
	Lists       []string         `json:"lists"`
}

// page is where on the shop's site the shopper is.
type page struct {
	URL   string `json:"url"`
	Title string `json:"title"`
}

// parse reads a client's frame. The frame is never nil: after a field of the wrong type it holds what could be read, so that
// the error can name the frame that it answers.
func parse(data []byte) (*incoming, *problem) {
	in := &incoming{}
	if !validObject(data) {
		return in, newProblem(codeBadFrame, "chat.error.bad_frame")
	}
	return in, decode(data, in)
}

// decode reads JSON into v and tells broken JSON from a field of the wrong type.
func decode(data []byte, v any) *problem {
	err := json.Unmarshal(data, v)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return newProblem(codeInvalid, "chat.error.wrong_type", "field", wrong.Field)
	default:
		return newProblem(codeBadFrame, "chat.error.bad_frame")
	}
}

// ticketID reads the frame's ticket; zero when it names none.
func (in *incoming) ticketID() (id.ID, *problem) {
	if in.Ticket == "" {
		return 0, nil
	}
	t, err := id.Parse(in.Ticket)
	if err != nil {
		return 0, newProblem(codeNotFound, "chat.error.ticket")
	}
	return t, nil
}

// number gives a ping's n back as it came, when it is a plain number or short string.
func (in *incoming) number() (json.RawMessage, *problem) {
	const longest = 64
	switch {
	case len(in.N) == 0:
		return json.RawMessage("null"), nil
	case len(in.N) > longest, in.N[0] == '{', in.N[0] == '[':
		return nil, newProblem(codeInvalid, "chat.error.wrong_type", "field", "n")
	}
	return in.N, nil
}

// checkSend holds a send against what needs no database.
func (in *incoming) checkSend() *problem {
	if p := in.checkID(); p != nil {
		return p
	}
	_, p := in.fileIDs()
	return p
}

// checkID holds a send's id, by which it is known when it comes again, against the rule.
func (in *incoming) checkID() *problem {
	switch {
	case in.ID == "":
		return newProblem(codeInvalid, "chat.error.id_missing")
	case len([]rune(in.ID)) > clientIDMax:
		return newProblem(codeTooLong, "chat.error.id_too_long", "max", clientIDMax)
	}
	return nil
}
