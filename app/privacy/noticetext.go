package privacy

import "strings"

// Block is a piece of a notice: a heading, a paragraph or a list. It holds plain text; who shows it escapes it, so that
// a notice can hold no markup but this.
type Block struct {
	Heading   string
	Paragraph string
	Items     []string
}

// Blocks cuts the text of a notice into pieces: a line that begins with # is a heading, lines that begin with - or *
// are a list, an empty line ends a paragraph. Addresses of the web become links where it is shown.
func Blocks(text string) (out []Block) {
	var open *Block // what the next line may go on with
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		item, isItem := cutItem(line)
		switch {
		case line == "":
			open = nil
			continue
		case strings.HasPrefix(line, "#"):
			if head := strings.TrimSpace(strings.TrimLeft(line, "#")); head != "" {
				out = append(out, Block{Heading: head})
			}
			open = nil
			continue
		case isItem && open != nil && open.Items != nil:
			open.Items = append(open.Items, item)
			continue
		case isItem:
			out = append(out, Block{Items: []string{item}})
		case open != nil && open.Items != nil:
			open.Items[len(open.Items)-1] += "\n" + line
			continue
		case open != nil:
			open.Paragraph += "\n" + line
			continue
		default:
			out = append(out, Block{Paragraph: line})
		}
		open = &out[len(out)-1]
	}
	return out
}

func cutItem(line string) (string, bool) {
	for _, mark := range []string{"- ", "* ", "• ", "· "} {
		if rest, ok := strings.CutPrefix(line, mark); ok {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}
