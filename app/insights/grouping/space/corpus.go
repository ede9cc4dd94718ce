package space

// Corpus is the texts of one language as runs of word numbers, in the order of the texts.
type Corpus struct {
	starts []int32 // text t holds ids[starts[t]:starts[t+1]]
	ids    []int32
}

// Add appends a text.
func (c *Corpus) Add(ids []int32) {
	if len(c.starts) == 0 {
		c.starts = append(c.starts, 0)
	}
	c.ids = append(c.ids, ids...)
	c.starts = append(c.starts, int32(len(c.ids)))
}

// Len is the number of texts.
func (c *Corpus) Len() int { return max(0, len(c.starts)-1) }

// Text gives the words of text t.
func (c *Corpus) Text(t int) []int32 { return c.ids[c.starts[t]:c.starts[t+1]] }
