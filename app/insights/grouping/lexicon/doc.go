// Package lexicon holds what Huiyin knows of shops beforehand, written by us: concepts with their phrases in Chinese and
// English (concepts.txt), by which complaints of both languages meet, what these are called (names.txt), and words of
// blame and praise (gate.txt), by which a complaint is told from the rest. A shop adds concepts of its own.
package lexicon
