package web

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// links.json holds the same cases for static/js/lib/linkify.js; see static/js_test.go.
func TestLinkify(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/links.json")
	must(t, err)
	var cases []struct {
		Name, Text string
		Links      []string
	}
	must(t, json.Unmarshal(data, &cases))
	for _, test := range cases {
		t.Run(test.Name, func(t *testing.T) {
			t.Parallel()
			whole, links := "", []string{}
			for _, piece := range linkify(test.Text) {
				whole += piece.Text
				if piece.Href != "" {
					links = append(links, piece.Href)
				}
			}
			if whole != test.Text {
				t.Errorf("the pieces make %q", whole)
			}
			if !slices.Equal(links, test.Links) {
				t.Errorf("got %q, want %q", links, test.Links)
			}
		})
	}
}
