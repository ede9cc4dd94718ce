package chat

import (
	"encoding/json"
	"testing"

	"huiyin/tickets"
	"huiyin/tickets/id"
)

func FuzzTextIsWrittenAsJSON(f *testing.F) {
	for _, s := range []string{"", "你好", `a "quote" and \ slash`, "</script>&amp;", "line\nbreak\ttab\x00\x7f", "\u2028\u2029", "broken \xff\xc3", "😀é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendText(nil, s); string(got) != string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestFramesAreValidJSON(t *testing.T) {
	t.Parallel()
	seq := int64(7)
	m := &tickets.Message{ID: 11, TicketID: 12, Pos: 9, Seq: &seq, Kind: tickets.KindReply, ClientID: `c"1`, Body: "a\n\"b\"", CreatedAt: 1_790_000_000_123}
	by := author{Kind: tickets.ActorAgent, ID: 13, Name: `小"林`}
	state := ticketState{number: 1, subject: `x"y`, tags: []string{"退货"}, assignee: &by, contact: named{14, "李雷"}, order: "2026"}
	for name, frame := range map[string][]byte{
		"message":          (&messageFrame{Message: m, Author: by}).encode(),
		"agents' message":  (&messageFrame{Message: m, Author: by, Agents: true}).encode(),
		"recalled, no seq": (&messageFrame{Message: &tickets.Message{ID: 1, State: tickets.StateRecalled, Body: "secret"}, Author: by}).encode(),
		"ack":              (&ackFrame{ID: "a", Ticket: 12, Seq: &seq, Pos: 3, At: 5, Masked: []string{"card"}}).encode(),
		"status":           (&statusFrame{Ticket: 12, Number: 3, Status: "open", Agent: &by, At: 5}).encode(),
		"no agent":         (&statusFrame{Ticket: 12, Status: "new"}).encode(),
		"all fields":       payload(state.frame(12, &ticketState{}, true)),
		"no field":         payload(state.frame(12, &state, false)),
		"one field":        payload((&ticketState{status: "open"}).frame(id.ID(12), &ticketState{}, false)),
	} {
		var v map[string]any
		if err := json.Unmarshal(frame, &v); err != nil {
			t.Errorf("%s: %v: %s", name, err, frame)
		}
		if name == "recalled, no seq" && (v["body"] != "" || v["seq"] != nil || v["id"] != "1") {
			t.Errorf("%s: %s", name, frame)
		}
	}
}

// payload takes a frame's header off.
func payload(f *frame) []byte {
	switch n := f.wire[1]; n {
	case 126:
		return f.wire[4:]
	case 127:
		return f.wire[10:]
	}
	return f.wire[2:]
}
