package chat

import (
	"encoding/binary"
	"encoding/json"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// Close codes beyond those of RFC 6455.
const (
	closeTooSlow  = websocket.CloseTryAgainLater // 1013
	closeSession  = 4401
	closeRefused  = 4403
	closeNoHello  = 4408
	closeGoneAway = websocket.CloseGoingAway         // 1001
	closeInternal = websocket.CloseInternalServerErr // 1011
)

// frame is one WebSocket frame as it goes over the wire. It is built once and shared by all who get it: server frames
// are not masked, so the bytes are the same for everyone, and several leave in one write.
type frame struct{ wire []byte }

const (
	opText = 0x1
	fin    = 0x80
)

// textFrame encodes v as JSON in one text frame. v is one of our own types, which always encode.
func textFrame(v any) *frame {
	if own, ok := v.(interface{ encode() []byte }); ok {
		return &frame{wire: wrap(opText, own.encode())}
	}
	payload, err := json.Marshal(v)
	if err != nil {
		panic("chat: a frame does not encode: " + err.Error())
	}
	return &frame{wire: wrap(opText, payload)}
}

func controlFrame(op int, payload []byte) *frame { return &frame{wire: wrap(byte(op), payload)} }

func closeFrame(code int, reason string) *frame {
	return controlFrame(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason))
}

var pingFrame = controlFrame(websocket.PingMessage, nil)

// wrap puts the header of RFC 6455 section 5.2 before a payload that is sent whole and unmasked.
func wrap(op byte, payload []byte) []byte {
	n := len(payload)
	b := make([]byte, 0, n+10)
	b = append(b, fin|op)
	switch {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	return append(b, payload...)
}

// stamp is a time as frames carry it: RFC 3339 in UTC with milliseconds.
type stamp int64

// MarshalJSON writes the time.
func (s stamp) MarshalJSON() ([]byte, error) {
	return appendTime(make([]byte, 0, 26), int64(s)), nil
}

// validObject tells whether data can be a frame at all: one JSON object in UTF-8. encoding/json would mend broken bytes.
func validObject(data []byte) bool {
	for _, b := range data {
		switch b {
		case ' ', '\t', '\r', '\n':
			continue
		case '{':
			return utf8.Valid(data)
		}
		return false
	}
	return false
}
