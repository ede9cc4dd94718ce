package privacy

import (
	"fmt"
	"strings"
	"time"
)

// DueSQL is the query of a rule with its values in it.
func (s *Service) DueSQL(rule Rule, before time.Time) string {
	d := due[rule]
	q := `SELECT ` + d.id + d.rows + ` ORDER BY ` + d.order + ` LIMIT 100`
	args := s.dueArgs(before)
	for _, name := range []string{"before_id", "before_failed", "before"} {
		q = strings.ReplaceAll(q, "@"+name, fmt.Sprint(args[name]))
	}
	return q
}
