package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"

	"golang.org/x/image/draw"

	"huiyin/app/blob"
	"huiyin/tickets"
	"huiyin/tickets/fault"
	"huiyin/tickets/id"
)

const (
	thumbSide    = 480 // pixels of the longer side
	thumbQuality = 80
)

// Finish makes the small picture of a file that waits for one and tells the screens. A picture that cannot be decoded
// gets none. It holds up to 100 MB for a moment: one runs at a time.
func (s *Service) Finish(ctx context.Context, file id.ID) error {
	a, err := s.Tickets.Attachment(ctx, file)
	if fault.Is(err, fault.NotFound) {
		return nil // recalled or erased meanwhile
	}
	if err != nil || a.State != tickets.AttachmentWaiting {
		return err
	}
	small, err := s.small(ctx, a)
	if err != nil {
		return err
	}
	if small == nil {
		return s.Tickets.FinishAttachment(ctx, a.ID, "")
	}
	name := blob.NewName()
	if err := s.put(ctx, name, attachmentTable, Small, a.KeyID, a.ID, bytes.NewReader(small)); err != nil {
		return err
	}
	return s.Tickets.FinishAttachment(ctx, a.ID, name)
}

// small is the small picture as JPEG; nil when the file cannot be decoded.
func (s *Service) small(ctx context.Context, a *tickets.Attachment) ([]byte, error) {
	r, err := s.Open(ctx, a, Original)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("read attachment %d: %w", a.ID, err)
	}
	whole, err := decode(content)
	if err != nil {
		s.Log.InfoContext(ctx, "a picture cannot be decoded", "attachment", a.ID, "error", err)
		return nil, nil
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, turned(shrunk(whole), orientation(content)), &jpeg.Options{Quality: thumbQuality}); err != nil {
		return nil, fmt.Errorf("encode a small picture: %w", err)
	}
	return b.Bytes(), nil
}

// decode reads a picture; decoders meet what nobody has thought of, so a panic is an error here.
func decode(content []byte) (img image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decoder: %v", p)
		}
	}()
	img, _, err = image.Decode(bytes.NewReader(content))
	return img, err
}

// shrunk brings the longer side to thumbSide, on white: a JPEG knows no transparency.
func shrunk(whole image.Image) *image.RGBA {
	w, h := whole.Bounds().Dx(), whole.Bounds().Dy()
	if longer := max(w, h); longer > thumbSide {
		w, h = max(1, w*thumbSide/longer), max(1, h*thumbSide/longer)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(out, out.Bounds(), whole, whole.Bounds(), draw.Over, nil)
	return out
}

// turned applies the orientation of Exif: 2 to 4 keep the sides, 5 to 8 swap them.
func turned(in *image.RGBA, turn int) *image.RGBA {
	if turn <= 1 || turn > 8 {
		return in
	}
	w, h := in.Bounds().Dx(), in.Bounds().Dy()
	outW, outH := w, h
	if turn > 4 {
		outW, outH = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, outW, outH))
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch turn {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			out.SetRGBA(tx, ty, in.RGBAAt(x, y))
		}
	}
	return out
}
