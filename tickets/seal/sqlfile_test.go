package seal_test

import (
	"regexp"
	"strings"
)

var (
	comment     = regexp.MustCompile(`--[^\n]*`)
	createTable = regexp.MustCompile(`(?is)^CREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w."]+)\s*\((.*)\)[^)]*$`)
	addColumn   = regexp.MustCompile(`(?is)^ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?([\w."]+)\s+ADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(.*)$`)
	dropColumn  = regexp.MustCompile(`(?is)^ALTER\s+TABLE\s+([\w."]+)\s+DROP\s+(?:COLUMN\s+)?(?:IF\s+EXISTS\s+)?(\w+)`)
	renColumn   = regexp.MustCompile(`(?is)^ALTER\s+TABLE\s+([\w."]+)\s+RENAME\s+(?:COLUMN\s+)?(\w+)\s+TO\s+(\w+)`)
	renTable    = regexp.MustCompile(`(?is)^ALTER\s+TABLE\s+([\w."]+)\s+RENAME\s+TO\s+(\w+)`)
	dropTable   = regexp.MustCompile(`(?is)^DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?([\w."]+)`)
	noColumn    = regexp.MustCompile(`(?i)^(PRIMARY|UNIQUE|FOREIGN|CHECK|CONSTRAINT|EXCLUDE|LIKE)\b`)
)

// statements cuts a script at its semicolons, outside of strings and function bodies.
func statements(script string) (out []string) {
	script = comment.ReplaceAllString(script, "")
	quoted, start := "", 0
	for i := 0; i < len(script); i++ {
		rest := script[i:]
		switch {
		case quoted != "":
			if strings.HasPrefix(rest, quoted) {
				i += len(quoted) - 1
				quoted = ""
			}
		case rest[0] == '\'':
			quoted = "'"
		case strings.HasPrefix(rest, "$$"):
			quoted = "$$"
			i++
		case rest[0] == ';':
			out = append(out, strings.TrimSpace(script[start:i]))
			start = i + 1
		}
	}
	return append(out, strings.TrimSpace(script[start:]))
}

// apply does to columns (table.column → type) what a statement does to the schema.
func apply(statement string, columns map[string]string) {
	if m := createTable.FindStringSubmatch(statement); m != nil {
		for _, def := range definitions(m[2]) {
			addDefinition(columns, bare(m[1]), def)
		}
		return
	}
	if m := dropTable.FindStringSubmatch(statement); m != nil {
		move(columns, bare(m[1])+".", "")
		return
	}
	if m := renTable.FindStringSubmatch(statement); m != nil {
		move(columns, bare(m[1])+".", m[2]+".")
		return
	}
	if m := renColumn.FindStringSubmatch(statement); m != nil {
		table := bare(m[1]) + "."
		columns[table+m[3]] = columns[table+m[2]]
		delete(columns, table+m[2])
		return
	}
	if m := addColumn.FindStringSubmatch(statement); m != nil {
		addDefinition(columns, bare(m[1]), m[2])
		return
	}
	if m := dropColumn.FindStringSubmatch(statement); m != nil {
		delete(columns, bare(m[1])+"."+m[2])
	}
}

// bare is a table's name without schema and quotes.
func bare(name string) string {
	name = strings.ReplaceAll(name, `"`, "")
	return name[strings.LastIndexByte(name, '.')+1:]
}

// move renames the columns of a table, or with an empty name drops them.
func move(columns map[string]string, from, to string) {
	for name, typ := range columns {
		if column, ok := strings.CutPrefix(name, from); ok {
			delete(columns, name)
			if to != "" {
				columns[to+column] = typ
			}
		}
	}
}

// definitions cuts the body of CREATE TABLE at its commas, outside of parentheses.
func definitions(body string) (out []string) {
	depth, start := 0, 0
	for i := range len(body) {
		switch body[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, body[start:i])
				start = i + 1
			}
		}
	}
	return append(out, body[start:])
}

func addDefinition(columns map[string]string, table, definition string) {
	fields := strings.Fields(definition)
	if len(fields) < 2 || noColumn.MatchString(fields[0]) {
		return
	}
	columns[table+"."+strings.Trim(fields[0], `"`)] = strings.ToUpper(fields[1])
}
