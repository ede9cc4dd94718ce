// Package sheet reads and writes tables as people keep them: CSV in the encodings that Chinese and Western spreadsheets
// write, and XLSX. It is a leaf: rows of text in, rows of text out, with limits, for whoever imports or exports.
//
// Nothing in a file is calculated or followed: a formula is the text or the last result that the file holds. What is
// written for a spreadsheet begins with no character that would make it one.
package sheet
