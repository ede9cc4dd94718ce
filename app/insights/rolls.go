package insights

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// The kinds of rolls.
const (
	rollAll    = "all"  // whoever complained; ref 0
	rollNone   = "none" // who complained of what no group has; ref 0
	rollGroup  = "group"
	rollFine   = "fine"
	rollAspect = "aspect" // ref: the place in insight_aspects
)

// roll is what subjects are counted by.
type roll struct {
	kind     string
	ref      id.ID
	day      int64
	channel  string
	language string
	team     id.ID
}

func (r roll) compare(o roll) int {
	return cmp.Or(cmp.Compare(r.kind, o.kind), cmp.Compare(r.day, o.day), cmp.Compare(r.ref, o.ref), cmp.Compare(r.channel, o.channel),
		cmp.Compare(r.language, o.language), cmp.Compare(r.team, o.team))
}

// weekKinds are what a roll counts for in insight_weeks: all of its kind, those of its channel, its language and its team, and those
// of each two of them and of all three.
func (r roll) weekKinds() []string {
	kinds := []string{r.kind}
	for _, slice := range []string{sliceChannel + r.channel, sliceLanguage + r.language, sliceTeam + r.team.String()} {
		for _, kind := range kinds[:len(kinds):len(kinds)] {
			kinds = append(kinds, kind+slice)
		}
	}
	return kinds
}

// The slices of insight_weeks, in the order in which they stand behind a kind.
const (
	sliceChannel  = "/channel/"
	sliceLanguage = "/language/"
	sliceTeam     = "/team/"
)

// rollRows is how many rows a statement writes.
const rollRows = 50

// addRolls adds to the counts of rolls, and to those of their days and weeks; what is counted less is added below zero. The rows are
// written in one order everywhere, so that two writers never wait for each other.
func addRolls(tx *gorm.DB, counts map[roll]int) error {
	list := slices.SortedFunc(maps.Keys(counts), roll.compare)
	days, weeks := map[roll]int{}, map[roll]int{}
	var rows [][]any
	for _, r := range list {
		if n := counts[r]; n != 0 {
			rows = append(rows, []any{r.kind, int64(r.ref), r.day, r.channel, r.language, int64(r.team), n})
			days[roll{kind: r.kind, ref: r.ref, day: r.day}] += n
			for _, kind := range r.weekKinds() {
				weeks[roll{kind: kind, ref: r.ref, day: weekOf(r.day)}] += n
			}
		}
	}
	if err := addRows(tx, `insight_rolls`, `kind, ref, day, channel, language, team_id`, rows); err != nil {
		return err
	}
	if err := addRows(tx, `insight_days`, `kind, ref, day`, sums(days)); err != nil {
		return err
	}
	return addRows(tx, `insight_weeks`, `kind, ref, week`, sums(weeks))
}

// sums are rows of days or weeks, in order.
func sums(counts map[roll]int) (rows [][]any) {
	for _, r := range slices.SortedFunc(maps.Keys(counts), roll.compare) {
		if n := counts[r]; n != 0 {
			rows = append(rows, []any{r.kind, int64(r.ref), r.day, n})
		}
	}
	return rows
}

// addRows adds n, the last value of each row, to what the row with these keys has.
func addRows(tx *gorm.DB, table, keys string, rows [][]any) error {
	for part := range slices.Chunk(rows, rollRows) {
		var args []any
		for _, row := range part {
			args = append(args, row...)
		}
		one := `(` + strings.TrimSuffix(strings.Repeat(`?, `, len(part[0])), `, `) + `)`
		err := tx.Exec(`INSERT INTO `+table+` (`+keys+`, n) VALUES `+one+strings.Repeat(`, `+one, len(part)-1)+
			` ON CONFLICT (`+keys+`) DO UPDATE SET n = `+table+`.n + excluded.n`, args...).Error
		if err != nil {
			return err
		}
	}
	return nil
}
