package eml

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// What is read of a winmail.dat ([MS-OXTNEF]): attributes with a level, an id and a checksum, some of which hold MAPI
// properties.
const (
	tnefSignature = 0x223e9f78

	attBody         = 0x0002800c
	attMAPIProps    = 0x00069003
	attAttachTitle  = 0x00018010
	attAttachData   = 0x0006800f
	attAttachRender = 0x00069002
	attAttachment   = 0x00069005

	propBody     = 0x1000
	propHTML     = 0x1013
	propLongName = 0x3707
	propName     = 0x3704
	propData     = 0x3701
	propID       = 0x3712
)

type tnefFile struct {
	name, id string
	content  []byte
}

type tnef struct {
	text, html string
	files      []tnefFile
}

// readTNEF reads as far as it goes; whole tells whether that was to the end.
func readTNEF(b []byte) (t tnef, whole bool) {
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != tnefSignature {
		return t, false
	}
	for b = b[6:]; len(b) > 0; {
		if len(b) < 11 {
			return t, false
		}
		id, size := binary.LittleEndian.Uint32(b[1:]), int(binary.LittleEndian.Uint32(b[5:]))
		if size < 0 || size > len(b)-11 {
			return t, false
		}
		t.attribute(id, b[9:9+size])
		b = b[9+size+2:]
		if len(t.files) > partsMax {
			return t, false
		}
	}
	return t, true
}

func (t *tnef) attribute(id uint32, v []byte) {
	switch id {
	case attBody:
		t.text, _ = toText(v, "", "")
	case attMAPIProps:
		mapiProps(v, func(prop, kind uint16, v []byte) {
			switch prop {
			case propBody:
				t.text = mapiText(kind, v)
			case propHTML:
				t.html = mapiText(kind, v)
			}
		})
	case attAttachRender:
		t.files = append(t.files, tnefFile{})
	}
	if len(t.files) == 0 {
		return
	}
	f := &t.files[len(t.files)-1]
	switch id {
	case attAttachTitle:
		if f.name == "" {
			f.name, _ = toText(trimNUL(v), "", "")
		}
	case attAttachData:
		f.content = v
	case attAttachment:
		mapiProps(v, func(prop, kind uint16, v []byte) {
			switch prop {
			case propLongName:
				f.name = mapiText(kind, v)
			case propName:
				if f.name == "" {
					f.name = mapiText(kind, v)
				}
			case propID:
				f.id = strings.Trim(mapiText(kind, v), "<>")
			case propData:
				if f.content == nil {
					f.content = v
				}
			}
		})
	}
}

func trimNUL(v []byte) []byte {
	for len(v) > 0 && v[len(v)-1] == 0 {
		v = v[:len(v)-1]
	}
	return v
}

func mapiText(kind uint16, v []byte) string {
	if kind != 0x1f { // not Unicode
		text, _ := toText(trimNUL(v), "", "")
		return text
	}
	units := make([]uint16, len(v)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(v[2*i:])
	}
	return strings.TrimRight(string(utf16.Decode(units)), "\x00")
}

// mapiProps calls fn with each property that is a text or bytes, until something does not fit.
func mapiProps(b []byte, fn func(prop, kind uint16, v []byte)) {
	take := func(n int) (v []byte, ok bool) {
		if n < 0 || n > len(b) {
			return nil, false
		}
		v, b = b[:n], b[n:]
		return v, true
	}
	head, ok := take(4)
	if !ok {
		return
	}
	for count := binary.LittleEndian.Uint32(head); count > 0; count-- {
		tag, ok := take(4)
		if !ok {
			return
		}
		kind, prop := binary.LittleEndian.Uint16(tag), binary.LittleEndian.Uint16(tag[2:])
		if prop >= 0x8000 { // named: a GUID, then a number or a name
			name, ok := take(20)
			if !ok {
				return
			}
			if binary.LittleEndian.Uint32(name[16:]) != 0 {
				size, ok := take(4)
				if !ok {
					return
				}
				if _, ok = take((int(binary.LittleEndian.Uint32(size)) + 3) &^ 3); !ok {
					return
				}
			} else if _, ok = take(4); !ok {
				return
			}
		}
		values, multi := uint32(1), kind&0x1000 != 0
		kind &^= 0x1000
		sized := kind == 0x1e || kind == 0x1f || kind == 0x102 || kind == 0x0d
		if multi || sized {
			n, ok := take(4)
			if !ok {
				return
			}
			values = binary.LittleEndian.Uint32(n)
		}
		for ; values > 0; values-- {
			size := fixedSize(kind)
			if sized {
				n, ok := take(4)
				if !ok {
					return
				}
				size = int(binary.LittleEndian.Uint32(n))
			}
			v, ok := take(size)
			if !ok {
				return
			}
			if sized {
				if kind == 0x0d && len(v) > 16 {
					v = v[16:] // an object's interface
				}
				fn(prop, kind, v)
			}
			if pad := (4 - size%4) % 4; pad > 0 {
				if _, ok = take(pad); !ok {
					return
				}
			}
		}
	}
}

// fixedSize is the size of a property of a simple type.
func fixedSize(kind uint16) int {
	switch kind {
	case 0x05, 0x06, 0x07, 0x14, 0x40:
		return 8
	case 0x48:
		return 16
	}
	return 4
}
