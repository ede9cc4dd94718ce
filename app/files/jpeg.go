package files

import "encoding/binary"

// Pictures from phones tell where and when they were taken, and with what (strip.go). A JPEG keeps of all that only how it is to
// be turned (Exif 2.32, section 4.6.4, tag 0x0112) and its colour profile.

const (
	markerStart    = 0xD8
	markerScan     = 0xDA
	markerApp0     = 0xE0 // JFIF
	markerExif     = 0xE1 // Exif, XMP
	markerProfile  = 0xE2 // ICC
	markerAdobe    = 0xEE // how colours are coded
	markerAppLast  = 0xEF
	markerComment  = 0xFE
	tagOrientation = 0x0112
	exifHead       = "Exif\x00\x00"
)

// segments walks the segments of a JPEG before its picture; rest is where the picture begins, zero for what is no JPEG.
func segments(b []byte, each func(marker byte, whole []byte)) (rest int) {
	if len(b) < 4 || b[0] != 0xFF || b[1] != markerStart {
		return 0
	}
	for at := 2; at+4 <= len(b); {
		if b[at] != 0xFF {
			return 0
		}
		marker := b[at+1]
		if marker == 0xFF { // fill byte
			at++
			continue
		}
		size := int(binary.BigEndian.Uint16(b[at+2:]))
		if size < 2 || at+2+size > len(b) {
			return 0
		}
		if marker == markerScan {
			return at
		}
		each(marker, b[at:at+2+size])
		at += 2 + size
	}
	return 0
}

// strippedJPEG keeps the picture, its turn and its colours.
func strippedJPEG(b []byte) []byte {
	out := append(make([]byte, 0, len(b)), 0xFF, markerStart)
	turn, done := orientation(b), false
	rest := segments(b, func(marker byte, whole []byte) {
		if marker != markerApp0 && !done {
			done = true
			out = append(out, orientationSegment(turn)...)
		}
		kept := marker == markerApp0 || marker == markerProfile || marker == markerAdobe
		if kept || ((marker < markerApp0 || marker > markerAppLast) && marker != markerComment) {
			out = append(out, whole...)
		}
	})
	if rest == 0 {
		return b
	}
	return append(out, b[rest:]...)
}

// orientation reads how a JPEG is to be turned, 1 (not at all) to 8.
func orientation(b []byte) int {
	turn := 1
	segments(b, func(marker byte, whole []byte) {
		if marker == markerExif && len(whole) > 4+len(exifHead) && string(whole[4:4+len(exifHead)]) == exifHead {
			if n := exifOrientation(whole[4+len(exifHead):]); n >= 1 && n <= 8 {
				turn = n
			}
		}
	})
	return turn
}

// exifOrientation looks through the first directory of a TIFF.
func exifOrientation(t []byte) int {
	if len(t) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if t[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int(order.Uint32(t[4:]))
	if at < 8 || at+2 > len(t) {
		return 0
	}
	for n := range int(order.Uint16(t[at:])) {
		entry := at + 2 + 12*n
		if entry+12 > len(t) {
			return 0
		}
		if order.Uint16(t[entry:]) == tagOrientation {
			return int(order.Uint16(t[entry+8:]))
		}
	}
	return 0
}

// orientationSegment is an Exif segment that says the turn and nothing else; none for a picture that stands upright.
func orientationSegment(turn int) []byte {
	if turn == 1 {
		return nil
	}
	body := append([]byte(exifHead), 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1)
	body = append(body, tagOrientation>>8, tagOrientation&0xFF, 0, 3, 0, 0, 0, 1, 0, byte(turn), 0, 0, 0, 0, 0, 0)
	return append(binary.BigEndian.AppendUint16([]byte{0xFF, markerExif}, uint16(len(body)+2)), body...)
}
