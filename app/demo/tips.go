package demo

import "huiyin/tickets"

// SignIn is how one of the shop's agents gets in.
type SignIn struct {
	Name, Email, Password string
	Role                  tickets.Role
}

// SignIns lists the shop's agents.
func (s *Shop) SignIns() []SignIn {
	list := make([]SignIn, len(staff))
	for i, p := range staff {
		list[i] = SignIn{Name: p.name, Email: p.email, Password: Password, Role: p.role}
	}
	return list
}

// Tips are things to try, as keys of texts (app/i18n); {{.page}} in them is the chat as a full page,
// {{.mail}} the shoppers' mail and {{.support}} the shop's address.
func Tips() []string {
	return []string{"demo.tip.chat", "demo.tip.buy", "demo.tip.signed", "demo.tip.find", "demo.tip.replies", "demo.tip.offline", "demo.tip.page", "demo.tip.mail", "demo.tip.improve", "demo.tip.narrow", "demo.tip.restart"}
}
