// Package vector is the arithmetic that the parts of grouping share: work in blocks on all processors, whose results are the
// same on every machine, and sums over vectors.
package vector
