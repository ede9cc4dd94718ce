package files_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"slices"
	"testing"

	"huiyin/app/db"
	"huiyin/app/db/dbtest"
	"huiyin/app/files"
	"huiyin/tickets"
)

const place = "GPS 31.2304N 121.4737E"

// pngChunk is a chunk of a PNG.
func pngChunk(name, data string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// pngParts splits a PNG into its chunks.
func pngParts(t *testing.T, b []byte) (names []string, parts [][]byte) {
	t.Helper()
	for at := 8; at < len(b); {
		end := at + 12 + int(binary.BigEndian.Uint32(b[at:]))
		names, parts = append(names, string(b[at+4:at+8])), append(parts, b[at:end])
		at = end
	}
	return names, parts
}

// movingPNG is an animated PNG of two frames that tells in five ways where it was made, and once more behind its end.
func movingPNG(t *testing.T) []byte {
	_, parts := pngParts(t, pngOf(t, 40, 30))
	frame := func(n byte) string {
		b := append([]byte{0, 0, 0, n, 0, 0, 0, 40, 0, 0, 0, 30}, make([]byte, 8)...)
		return string(append(b, 0, 1, 0, 2, 0, 0))
	}
	data := parts[1]
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), parts[0], pngChunk("acTL", "\x00\x00\x00\x02\x00\x00\x00\x00"), pngChunk("tEXt", "Comment\x00"+place),
		pngChunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+place), pngChunk("zTXt", "a\x00\x00"+place), pngChunk("eXIf", "II*\x00"+place),
		pngChunk("tIME", "\x07\xea\x0b\x1a\x02\x00\x00"), pngChunk("gAMA", "\x00\x00\xb1\x8f"), pngChunk("fcTL", frame(0)), data,
		pngChunk("fcTL", frame(1)), pngChunk("fdAT", "\x00\x00\x00\x02"+string(data[8:len(data)-4])), parts[len(parts)-1], []byte(place))
}

func riff(chunks ...[]byte) []byte {
	body := slices.Concat(append([][]byte{[]byte("WEBP")}, chunks...)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riffChunk(name string, data []byte) []byte {
	b := append(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(data))), data...)
	if len(data)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// webpDot is the picture of a WebP of one pixel, its chunk VP8L.
func webpDot(t *testing.T) []byte {
	b, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	must(t, err)
	return b[12:]
}

// webpHead is the extended head of a picture of one pixel.
func webpHead(flags byte) []byte { return riffChunk("VP8X", []byte{flags, 0, 0, 0, 0, 0, 0, 0, 0, 0}) }

// movingWebP has two frames, a profile of colours, Exif and XMP of an odd length.
func movingWebP(t *testing.T, told bool) []byte {
	frame := riffChunk("ANMF", append(append(make([]byte, 12), 100, 0, 0, 0), webpDot(t)...))
	flags := byte(0x20 | 0x02)
	parts := [][]byte{webpHead(flags), riffChunk("ICCP", []byte("rgb")), riffChunk("ANIM", make([]byte, 6)), frame, frame}
	if told {
		parts[0] = webpHead(flags | 0x08 | 0x04)
		parts = append(parts, riffChunk("EXIF", []byte("II*\x00"+place)), riffChunk("XMP ", []byte(place+".")))
	}
	return riff(parts...)
}

func TestAPictureLosesWhatItTellsAndStaysTheSamePicture(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	still := riff(webpHead(0x08), webpDot(t), riffChunk("EXIF", []byte(place)))
	for name, c := range map[string]struct{ in, want []byte }{
		"an animated WebP":            {movingWebP(t, true), movingWebP(t, false)},
		"a WebP of one picture":       {still, riff(webpHead(0), webpDot(t))},
		"a WebP with a trailing word": {append(slices.Clone(still), place...), riff(webpHead(0), webpDot(t))},
		"a plain WebP":                {riff(webpDot(t)), riff(webpDot(t))},
		"a PNG with nothing to tell":  {pngOf(t, 9, 9), pngOf(t, 9, 9)},
	} {
		a := x.takes(t, "a.png", c.in)
		back, err := x.reads(t, a, files.Original)
		must(t, err)
		if !bytes.Equal(back, c.want) {
			t.Errorf("%s:\n%q\nwant\n%q", name, back, c.want)
		}
		if a.Size != int64(len(back)) || !files.Inline(a.Type) {
			t.Errorf("%s: %s of %d bytes", name, a.Type, a.Size)
		}
	}
}

func TestAnAnimatedPNGStaysAnimatedWithoutItsTexts(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	a := x.takes(t, "a.png", movingPNG(t))
	back, err := x.reads(t, a, files.Original)
	must(t, err)
	names, parts := pngParts(t, back)
	if want := []string{"IHDR", "acTL", "gAMA", "fcTL", "IDAT", "fcTL", "fdAT", "IEND"}; !slices.Equal(names, want) {
		t.Fatalf("%v, want %v", names, want)
	}
	for i, p := range parts {
		if !bytes.Contains(movingPNG(t), p) {
			t.Errorf("%s was changed", names[i])
		}
	}
	if bytes.Contains(back, []byte(place)) {
		t.Error("the place is still in it")
	}
	if _, _, err := image.Decode(bytes.NewReader(back)); err != nil {
		t.Error(err)
	}
}

func TestAPictureWhosePartsDoNotAddUpComesBackAsItWas(t *testing.T) {
	t.Parallel()
	x := newDesk(t, dbtest.Open(t, db.SQLite))
	whole := pngOf(t, 9, 9)
	long := movingWebP(t, true)
	binary.LittleEndian.PutUint32(long[16:], 1<<31)
	for name, in := range map[string][]byte{"a PNG that was cut": whole[:len(whole)-6], "a WebP whose part is longer than it": long} {
		a, err := x.Take(t.Context(), files.Upload{By: x.her, Name: "a.png", Body: bytes.NewReader(in)})
		must(t, err)
		back, err := x.reads(t, a, files.Original)
		must(t, err)
		if !bytes.Equal(back, in) {
			t.Errorf("%s: %d bytes came back of %d", name, len(back), len(in))
		}
		if a.State == tickets.AttachmentWaiting {
			must(t, x.Finish(t.Context(), a.ID))
		}
	}
}
