package web

import (
	"bytes"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"path"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"github.com/labstack/echo/v4"
)

const (
	qrQuiet = 4  // modules of white around the code, as ISO 18004 wants
	qrPixel = 16 // pixels a module in the picture: sharp on paper
)

// qrCode makes the code of an address. A quarter of it may be scratched or covered.
func qrCode(address string) (barcode.Barcode, error) {
	code, err := qr.Encode(address, qr.Q, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("QR code: %w", err)
	}
	return code, nil
}

func dark(code barcode.Barcode, x, y int) bool {
	level, _ := color.GrayModel.Convert(code.At(x, y)).(color.Gray)
	return level.Y < 128
}

// qrSVG draws an address as a QR code: always black on white, since many cameras read no other.
func qrSVG(address string) (template.HTML, error) {
	code, err := qrCode(address)
	if err != nil {
		return "", err
	}
	size := code.Bounds().Dx()
	var dots strings.Builder
	for y := range size {
		for x := range size {
			if dark(code, x, y) {
				fmt.Fprintf(&dots, "M%d %dh1v1h-1z", x+qrQuiet, y+qrQuiet)
			}
		}
	}
	whole := size + 2*qrQuiet
	//nolint:gosec // made of numbers only
	return template.HTML(fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 %d %d" shape-rendering="crispEdges" aria-hidden="true"><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`,
		whole, whole, whole, whole, dots.String())), nil
}

func qrPNG(address string) ([]byte, error) {
	code, err := qrCode(address)
	if err != nil {
		return nil, err
	}
	side := (code.Bounds().Dx() + 2*qrQuiet) * qrPixel
	picture := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range side {
		for x := range side {
			mx, my := x/qrPixel-qrQuiet, y/qrPixel-qrQuiet
			if image.Pt(mx, my).In(code.Bounds()) && dark(code, mx, my) {
				picture.SetColorIndex(x, y, 1)
			}
		}
	}
	var b bytes.Buffer
	err = png.Encode(&b, picture)
	return b.Bytes(), err
}

// inboxQR is the QR code of an inbox's chat page, to print: /qr.png, and /qr.svg for printers' programs.
func (s *Server) inboxQR(c echo.Context) error {
	box, err := s.inboxOf(c)
	if err != nil {
		return err
	}
	address, kind := s.BaseURL.JoinPath("c", box.Key).String(), strings.TrimPrefix(path.Ext(c.Path()), ".")
	c.Response().Header().Set("Content-Disposition", `attachment; filename="chat-`+box.Key+"."+kind+`"`)
	if kind == "svg" {
		code, err := qrSVG(address)
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, "image/svg+xml", []byte(code))
	}
	code, err := qrPNG(address)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "image/png", code)
}
