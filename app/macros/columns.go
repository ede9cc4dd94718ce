package macros

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"huiyin/tickets"
)

// column is what a column of a file holds.
type column int

const (
	colGroup column = iota
	colSubgroup
	colTitle
	colShortcut
	colText
	columnCount
)

// headers are the names by which people call the columns, in columnForm.
var headers = map[string]column{
	"分组": colGroup, "一级分组": colGroup, "组": colGroup, "分类": colGroup, "一级分类": colGroup, "类别": colGroup,
	"group": colGroup, "category": colGroup, "folder": colGroup,
	"子分组": colSubgroup, "二级分组": colSubgroup, "子分类": colSubgroup, "二级分类": colSubgroup,
	"subgroup": colSubgroup, "subcategory": colSubgroup, "subfolder": colSubgroup,
	"标题": colTitle, "名称": colTitle, "title": colTitle, "name": colTitle,
	"快捷词": colShortcut, "快捷键": colShortcut, "快捷码": colShortcut, "快捷编码": colShortcut, "缩写": colShortcut,
	"shortcut": colShortcut, "shortcode": colShortcut, "code": colShortcut, "keyword": colShortcut,
	"内容": colText, "正文": colText, "回复": colText, "回复内容": colText, "快捷回复": colText,
	"text": colText, "content": colText, "body": colText, "reply": colText, "message": colText,
}

// columnForm is the form of a header that is compared: no case, width, spaces or signs; of 标题（必填） only 标题 is left.
func columnForm(name string) string {
	name = strings.ToLower(norm.NFKC.String(name))
	name, _, _ = strings.Cut(name, "(")
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t_-*:", r) {
			return -1
		}
		return r
	}, name)
}

// columns tells where each column is, -1 for one that is not there; the first of two that are called alike counts.
func columns(header []string) (at [columnCount]int) {
	for i := range at {
		at[i] = -1
	}
	for i, name := range header {
		if c, known := headers[columnForm(name)]; known && at[c] < 0 {
			at[c] = i
		}
	}
	return at
}

// line takes a row's cells apart.
func line(number int, cells []string, at [columnCount]int, plain func(string) string) tickets.MacroLine {
	cell := func(c column) string {
		if at[c] < 0 || at[c] >= len(cells) {
			return ""
		}
		return plain(cells[at[c]])
	}
	return tickets.MacroLine{
		Line: number, Group: cell(colGroup), Subgroup: cell(colSubgroup), Title: cell(colTitle), Shortcut: cell(colShortcut), Text: cell(colText),
	}
}
