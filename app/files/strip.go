package files

import (
	"bytes"
	"encoding/binary"
)

// stripped takes what tells of place, time and device off a picture, without encoding it again: its pixels, its colours
// and its movement stay as they are. A file of another kind, and one whose parts do not add up, stays as it is.
func stripped(media string, b []byte) []byte {
	switch media {
	case "image/jpeg":
		return strippedJPEG(b)
	case "image/png":
		return strippedPNG(b)
	case "image/webp":
		return strippedWebP(b)
	}
	return b
}

const pngHead = "\x89PNG\r\n\x1a\n"

// pngTells are the chunks of a PNG that tell about its maker: texts (XMP among them), Exif, time (PNG 3rd edition,
// section 11.3).
var pngTells = map[string]bool{"tEXt": true, "zTXt": true, "iTXt": true, "eXIf": true, "tIME": true}

// strippedPNG walks the chunks: length, name, data, sum. What stands behind the last one belongs to no picture and goes.
func strippedPNG(b []byte) []byte {
	if !bytes.HasPrefix(b, []byte(pngHead)) {
		return b
	}
	out := append(make([]byte, 0, len(b)), pngHead...)
	for at := len(pngHead); at+12 <= len(b); {
		size := int64(binary.BigEndian.Uint32(b[at:]))
		if size > int64(len(b)-at-12) {
			return b
		}
		end := at + 12 + int(size)
		name := string(b[at+4 : at+8])
		if !pngTells[name] {
			out = append(out, b[at:end]...)
		}
		if name == "IEND" {
			return out
		}
		at = end
	}
	return b
}

// Of a WebP's extended head (WebP container specification, "Extended File Format"): which parts follow.
const (
	webpExif = 0x08
	webpXMP  = 0x04
)

// strippedWebP walks the chunks of the RIFF: name, length, data, filled up to an even length. The extended head must not
// promise what was taken out.
func strippedWebP(b []byte) []byte {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WEBP" {
		return b
	}
	end := int64(binary.LittleEndian.Uint32(b[4:])) + 8
	if end > int64(len(b)) {
		return b
	}
	b = b[:end]
	out := append(make([]byte, 0, len(b)), b[:12]...)
	for at := 12; at < len(b); {
		if at+8 > len(b) {
			return b
		}
		size := int64(binary.LittleEndian.Uint32(b[at+4:]))
		next := int64(at) + 8 + size + size&1
		if next-size&1 > end {
			return b
		}
		next = min(next, end) // some writers forget the last byte of filling
		chunk := b[at:next]
		switch string(chunk[:4]) {
		case "EXIF", "XMP ":
		case "VP8X":
			from := len(out)
			if out = append(out, chunk...); size > 0 {
				out[from+8] &^= webpExif | webpXMP
			}
		default:
			out = append(out, chunk...)
		}
		at = int(next)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}
