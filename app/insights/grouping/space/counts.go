package space

import "slices"

// sorted gives the words seen, in the order of their numbers.
func (n *counts) sorted() []int32 {
	slices.Sort(n.seen)
	return n.seen
}

func (n *counts) clear() {
	for _, w := range n.seen {
		n.of[w] = 0
	}
	n.seen = n.seen[:0]
}
