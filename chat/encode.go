package chat

import (
	"encoding/json"
	"strconv"
	"time"

	"huiyin/tickets/id"
)

// encoder writes a JSON object field by field. Frames that every message brings are written with it: reflection costs
// more there than all the rest of the fan-out.
type encoder struct{ b []byte }

// begin starts a frame of a type.
func begin(kind string) encoder {
	return encoder{append(append(make([]byte, 0, 384), `{"type":"`...), kind...)}.quoted()
}

func (e encoder) quoted() encoder { return encoder{append(e.b, '"')} }

func (e *encoder) end() []byte { return append(e.b, '}') }

// key begins a field; the names are our own and need no escaping.
func (e *encoder) key(name string) {
	e.b = append(e.b, ',', '"')
	e.b = append(e.b, name...)
	e.b = append(e.b, '"', ':')
}

func (e *encoder) text(name, value string) {
	e.key(name)
	e.b = appendText(e.b, value)
}

func (e *encoder) num(name string, value int64) {
	e.key(name)
	e.b = strconv.AppendInt(e.b, value, 10)
}

// count is a number, or null for none.
func (e *encoder) count(name string, value *int64) {
	if value == nil {
		e.null(name)
		return
	}
	e.num(name, *value)
}

func (e *encoder) null(name string) {
	e.key(name)
	e.b = append(e.b, "null"...)
}

// id is a string, or null for none.
func (e *encoder) id(name string, value id.ID) {
	e.key(name)
	e.b = appendID(e.b, value)
}

func (e *encoder) raw(name, value string) {
	e.key(name)
	e.b = append(e.b, value...)
}

// kinds is a list of words of the program; the field is left out for none.
func (e *encoder) kinds(name string, list []string) {
	if len(list) == 0 {
		return
	}
	words, _ := json.Marshal(list) // strings always encode
	e.raw(name, string(words))
}

// at is a time, or null for none.
func (e *encoder) at(name string, ms int64) {
	if ms == 0 {
		e.null(name)
		return
	}
	e.key(name)
	e.b = appendTime(e.b, ms)
}

// author is who says or does something, or null.
func (e *encoder) author(name string, by *author) {
	if by == nil {
		e.null(name)
		return
	}
	e.key(name)
	e.b = append(append(append(e.b, `{"kind":"`...), by.Kind...), `","id":`...)
	e.b = append(appendID(e.b, by.ID), `,"name":`...)
	e.b = append(appendText(e.b, by.Name), `,"avatar":null}`...)
}

func appendID(b []byte, value id.ID) []byte {
	if value == 0 {
		return append(b, "null"...)
	}
	b = strconv.AppendInt(append(b, '"'), int64(value), 10)
	return append(b, '"')
}

func appendTime(b []byte, ms int64) []byte {
	b = time.UnixMilli(ms).UTC().AppendFormat(append(b, '"'), "2006-01-02T15:04:05.000Z")
	return append(b, '"')
}

// appendText quotes a string. What needs escaping, or might be broken, is left to encoding/json.
func appendText(b []byte, s string) []byte {
	if !plain(s) {
		quoted, _ := json.Marshal(s) // a string always encodes
		return append(b, quoted...)
	}
	return append(append(append(b, '"'), s...), '"')
}

// plain tells whether s may stand in JSON as it is: printable ASCII but for quotes, backslash and what HTML knows, and
// valid longer characters other than the line separators that JavaScript once choked on.
func plain(s string) bool {
	for _, r := range s {
		switch {
		case r < ' ', r == '"', r == '\\', r == '<', r == '>', r == '&', r == 0x7f, r == 0x2028, r == 0x2029, r == 0xFFFD:
			return false
		}
	}
	return true
}
