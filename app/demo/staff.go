package demo

import (
	"math/rand/v2"
	"slices"
	"time"

	"huiyin/tickets"
)

// The teams' places in the list of teams.
const (
	teamAfterSales = iota
	teamDelivery
	teamGlobal
)

var teamNames = []string{"售后", "物流", "海外"}

var teamOf = map[string]int{"after-sales": teamAfterSales, "delivery": teamDelivery, "global": teamGlobal}

// Password is every demo agent's password. It opens nothing but the demo's own folder.
const Password = "qinghe-tea-house"

// Manager is the place of the shop's manager among its agents.
const Manager = 1

// staffer is one of the shop's agents.
type staffer struct {
	name  string
	short words // as she calls herself in a conversation
	email string
	role  tickets.Role
	teams []int
}

var staff = []staffer{
	{"周岚", words{zh: "周岚", en: "Lan"}, "zhou.lan@example.com", tickets.RoleAdmin, nil},
	{"李静", words{zh: "李静", en: "Jing"}, "li.jing@example.com", tickets.RoleManager, []int{teamAfterSales, teamGlobal}},
	{"王芳", words{zh: "王芳", en: "Fang"}, "wang.fang@example.com", tickets.RoleAgent, []int{teamAfterSales}},
	{"赵磊", words{zh: "赵磊", en: "Lei"}, "zhao.lei@example.com", tickets.RoleAgent, []int{teamDelivery}},
	{"陈思远", words{zh: "陈思远", en: "Siyuan"}, "chen.siyuan@example.com", tickets.RoleAgent, []int{teamAfterSales, teamDelivery, teamGlobal}},
	{"Emily Carter", words{zh: "Emily", en: "Emily"}, "emily.carter@example.com", tickets.RoleAgent, []int{teamGlobal}},
}

func (s *staffer) in(team int) bool { return slices.Contains(s.teams, team) }

// manager is the place of the one whom hard cases go to.
const manager = 1

// night is the place of the one who answers at night, and helps out by day.
const night = 4

// onDuty gives the places of the agent who takes up a team's ticket at a time, and of the colleague beside her. The
// manager answers only what is handed to her.
func onDuty(r *rand.Rand, team int, at time.Time) (agent, colleague int) {
	day := slices.IndexFunc(staff, func(s staffer) bool { return s.role == tickets.RoleAgent && s.in(team) })
	if isNight(at) || r.IntN(4) == 0 {
		return night, day
	}
	return day, night
}
