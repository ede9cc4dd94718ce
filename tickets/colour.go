package tickets

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"huiyin/tickets/fault"
)

// ContrastMin is what text needs to be read by most people (WCAG 2.2, 1.4.3). The inbox's colour stands behind white
// text and as text on white.
const ContrastMin = 4.5

var colourForm = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// normalColour checks an inbox's colour; the error names one close by that can be read.
func normalColour(colour string) (string, error) {
	colour = strings.ToLower(strings.TrimSpace(colour))
	switch {
	case colour == "":
		return "", nil
	case !colourForm.MatchString(colour):
		return colour, fault.InvalidField("colour", "invalid", "error.inbox.colour", nil)
	case ContrastWithWhite(colour) < ContrastMin:
		return colour, fault.InvalidField("colour", "too_light", "error.inbox.colour_light", map[string]any{
			"contrast": fmt.Sprintf("%.1f", ContrastWithWhite(colour)), "colour": darker(colour),
		})
	}
	return colour, nil
}

// ContrastWithWhite is the contrast of a colour "#rrggbb" with white, from 1 to 21, by WCAG 2.
func ContrastWithWhite(colour string) float64 {
	r, g, b := channels(colour)
	return 1.05 / (0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b) + 0.05)
}

// darker is the lightest shade of a colour that can be read on white.
func darker(colour string) string {
	r, g, b := channels(colour)
	for part := 0.99; part > 0; part -= 0.01 {
		shade := fmt.Sprintf("#%02x%02x%02x", int(r*part), int(g*part), int(b*part))
		if ContrastWithWhite(shade) >= ContrastMin {
			return shade
		}
	}
	return "#000000"
}

// channels are red, green and blue, 0 to 255.
func channels(colour string) (r, g, b float64) {
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil {
		return 255, 255, 255
	}
	return float64(n >> 16 & 255), float64(n >> 8 & 255), float64(n & 255)
}

// linear takes the gamma out of a channel.
func linear(v float64) float64 {
	if v /= 255; v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}
