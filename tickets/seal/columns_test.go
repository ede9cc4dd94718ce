package seal_test

import (
	"bufio"
	"cmp"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"huiyin/app/db"
)

// Tables that doc.go does not list, by the beginning of their names, with the reason.
var exempt = map[string]string{
	"river_": "River's own: its jobs hold ids, states and times only (decisions.md, What is sealed)",
	"goose_": "goose's record of the migrations",
}

func isExempt(table string) bool {
	for prefix := range exempt {
		if strings.HasPrefix(table, prefix) {
			return true
		}
	}
	return false
}

// documented reads the table in doc.go: table.column → clear, sealed or hash.
func documented(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // read only
	kinds := map[string]string{}
	table := ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line, ok := strings.CutPrefix(lines.Text(), "//\t")
		if !ok {
			continue
		}
		fields := strings.Fields(line)
		if !strings.HasPrefix(line, " ") {
			if table = line; len(fields) != 1 {
				t.Errorf("doc.go: %q is not a table's name", line)
			}
			continue
		}
		if !slices.Contains([]string{"clear", "sealed", "hash"}, fields[0]) || len(fields) < 2 {
			t.Errorf("doc.go: %q does not begin with clear, sealed or hash", line)
		}
		for _, column := range fields[1:] {
			if name := table + "." + column; kinds[name] != "" {
				t.Errorf("doc.go lists %s twice", name)
			} else {
				kinds[name] = fields[0]
			}
		}
	}
	return kinds
}

func TestEveryColumnIsDecided(t *testing.T) {
	t.Parallel()
	kinds := documented(t)
	known := map[string]bool{}
	for _, dialect := range []string{db.SQLite, db.Postgres} {
		for _, name := range slices.Sorted(maps.Keys(migrated(t, dialect))) {
			if known[name] = true; kinds[name] == "" {
				t.Errorf("%s: tickets/seal/doc.go does not say whether %s is clear, sealed or a hash", dialect, name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		if !known[name] {
			t.Errorf("doc.go lists %s, which no migration makes", name)
		}
	}
}

// A sealed value is bytes, and bytes that are neither sealed nor a hash are something that nobody can judge.
func TestBytesAndOnlyBytesAreSealed(t *testing.T) {
	t.Parallel()
	kinds := documented(t)
	for dialect, bytesType := range map[string]string{db.SQLite: "BLOB", db.Postgres: "BYTEA"} {
		for name, typ := range migrated(t, dialect) {
			switch isBytes := typ == bytesType; {
			case kinds[name] == "sealed" && !isBytes, kinds[name] == "clear" && isBytes:
				t.Errorf("%s: %s is %s, but %s in the schema", dialect, name, kinds[name], typ)
			case kinds[name] == "hash" && !isBytes && name != "agents.password": // a PHC string
				t.Errorf("%s: %s is a hash, but %s in the schema", dialect, name, typ)
			}
		}
	}
}

// What the parser below reads in the migrations is what the database has after them.
func TestMigrationsAreReadAsTheDatabaseReadsThem(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		query := `SELECT m.name AS "table", p.name AS "column" FROM sqlite_master m, pragma_table_info(m.name) p
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`
		if d.db.Dialect() == db.Postgres {
			query = `SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns
				WHERE table_schema IN ('public', 'huiyin_keys')`
		}
		var rows []struct{ Table, Column string }
		if err := d.read().Raw(query).Scan(&rows).Error; err != nil {
			t.Fatal(err)
		}
		has := map[string]bool{}
		for _, r := range rows {
			if !isExempt(r.Table) {
				has[r.Table+"."+r.Column] = true
			}
		}
		read := migrated(t, d.db.Dialect())
		for name := range has {
			if read[name] == "" {
				t.Errorf("%s is in the database, but was not read in the migrations", name)
			}
		}
		for name := range read {
			if !has[name] {
				t.Errorf("%s was read in the migrations, but is not in the database", name)
			}
		}
	})
}

// migrated reads the migrations of a dialect: table.column → type.
func migrated(t *testing.T, dialect string) map[string]string {
	t.Helper()
	files, err := db.Migrations(dialect)
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d migrations, %v", len(names), err)
	}
	slices.SortFunc(names, cmp.Compare)
	columns := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		for _, statement := range statements(up) {
			apply(statement, columns)
		}
	}
	maps.DeleteFunc(columns, func(name, _ string) bool { return isExempt(name) })
	return columns
}
