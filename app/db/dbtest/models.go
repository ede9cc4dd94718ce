package dbtest

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm/schema"

	"huiyin/app/db"
)

// Column is what a model and a table must agree on.
type Column struct {
	Class    string // integer, boolean, real, text, blob, time
	Nullable bool
}

// CheckModels fails the test where a model and its table disagree: a column that only one of them has, another class of
// type, or a pointer field on a column that cannot be null (and the other way round). A []byte goes with either.
func CheckModels(t testing.TB, d *db.DB, models ...any) {
	t.Helper()
	for _, m := range models {
		s, err := schema.Parse(m, &sync.Map{}, d.Read(context.Background()).NamingStrategy)
		if err != nil {
			t.Errorf("model %T: %v", m, err)
			continue
		}
		table, err := Columns(d, s.Table)
		if err != nil {
			t.Errorf("table %s: %v", s.Table, err)
			continue
		}
		for _, complaint := range compare(s, table) {
			t.Errorf("%s: %T and table %s: %s", d.Dialect(), m, s.Table, complaint)
		}
	}
}

// compare lists what is wrong between a model and its table.
func compare(s *schema.Schema, table map[string]Column) (complaints []string) {
	if len(table) == 0 {
		return []string{"there is no such table"}
	}
	for _, f := range s.Fields {
		if f.DBName == "" {
			continue
		}
		c, ok := table[f.DBName]
		delete(table, f.DBName)
		switch class := classOf(f); {
		case !ok:
			complaints = append(complaints, fmt.Sprintf("the table has no column %s", f.DBName))
		case class != c.Class:
			complaints = append(complaints, fmt.Sprintf("%s is %s in the model, %s in the table", f.DBName, class, c.Class))
		case class == "blob":
		case c.Nullable != (f.FieldType.Kind() == reflect.Pointer):
			complaints = append(complaints, fmt.Sprintf("%s is %v in the model; nullable in the table: %v", f.DBName, f.FieldType, c.Nullable))
		}
	}
	for name := range table {
		complaints = append(complaints, fmt.Sprintf("the model has no column %s", name))
	}
	return complaints
}

func classOf(f *schema.Field) string {
	switch f.DataType {
	case schema.Bool:
		return "boolean"
	case schema.Int, schema.Uint:
		return "integer"
	case schema.Float:
		return "real"
	case schema.String:
		return "text"
	case schema.Bytes:
		return "blob"
	}
	return string(f.DataType)
}

// Columns asks the database for a table's columns, by name.
func Columns(d *db.DB, table string) (map[string]Column, error) {
	query := `SELECT name, type, "notnull" = 0 AND pk = 0 AS nullable FROM pragma_table_info(?)`
	if d.Dialect() == db.Postgres {
		query = `SELECT attname AS name, format_type(atttypid, NULL) AS type, NOT attnotnull AS nullable
			FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped`
	}
	var rows []struct {
		Name, Type string
		Nullable   bool
	}
	if err := d.Read(context.Background()).Raw(query, table).Scan(&rows).Error; err != nil {
		return nil, err
	}
	columns := make(map[string]Column, len(rows))
	for _, r := range rows {
		columns[r.Name] = Column{Class: classOfType(strings.ToLower(r.Type)), Nullable: r.Nullable}
	}
	return columns, nil
}

// classOfType knows the types of both dialects.
func classOfType(name string) string {
	name, _, _ = strings.Cut(name, "(")
	switch name {
	case "integer", "bigint", "smallint", "int":
		return "integer"
	case "boolean":
		return "boolean"
	case "real", "double precision":
		return "real"
	case "text", "character varying", "varchar":
		return "text"
	case "blob", "bytea":
		return "blob"
	case "timestamp with time zone", "timestamp", "datetime":
		return "time"
	}
	return name
}
