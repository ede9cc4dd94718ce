package main

import (
	"bytes"
	"encoding/json"
	"math"

	"huiyin/app/insights/grouping"
)

// groupedText is the line of a text. Its id is printed as it came: an encoder would write it in its own way.
type groupedText struct {
	Group *int    `json:"group"`
	Score float64 `json:"score"`
}

// groupLine is the line of a group.
type groupLine struct {
	Group int      `json:"group"`
	Name  string   `json:"name"`
	Terms []string `json:"terms"`
	Size  int      `json:"size"`
}

func printGroups(t *terminal, texts []givenText, g *grouping.Sampled, level grouping.Level) error {
	for i, m := range g.Members {
		line := groupedText{Score: math.Round(float64(m.Score)*1e4) / 1e4}
		if id := m.At(level); id != 0 {
			line.Group = &id
		}
		rest, err := json.Marshal(line)
		if err != nil {
			return err
		}
		if err := printLine(t, []byte(`{"id":`), texts[i].ID, []byte(","), rest[1:]); err != nil {
			return err
		}
	}
	for _, d := range g.Describe(level) {
		line := groupLine{Group: d.ID, Name: d.Name, Terms: d.Terms, Size: d.Size}
		if line.Terms == nil {
			line.Terms = []string{}
		}
		begin, err := marshal(line)
		if err != nil {
			return err
		}
		var samples [][]byte
		for _, i := range d.Samples {
			samples = append(samples, texts[i].ID)
		}
		if err := printLine(t, begin[:len(begin)-1], []byte(`,"samples":[`), bytes.Join(samples, []byte(",")), []byte("]}")); err != nil {
			return err
		}
	}
	return nil
}

func printLine(t *terminal, parts ...[]byte) error {
	_, err := t.stdout.Write(append(bytes.Join(parts, nil), '\n'))
	return err
}

// marshal writes JSON in which < and & stay as they are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	err := out.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}
