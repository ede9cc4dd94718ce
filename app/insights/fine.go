package insights

import (
	"gorm.io/gorm"

	"huiyin/tickets/id"
)

// number is what a fine group is called when the worker is asked: the model's number, or one below 0 when the model does not
// know it, because people made it or because the model was built anew.
func (g *Group) number() int {
	if g.engine != nil {
		return int(*g.engine)
	}
	return -int(g.ID)
}

// ofModel tells whether the model knows a fine group.
func (g *Group) ofModel() bool { return g.engine != nil }

// fines are all fine groups, by id and by number.
type fines struct {
	byID     map[id.ID]*Group
	byNumber map[int]*Group
}

func (s *Service) allFines(tx *gorm.DB) (*fines, error) {
	list, err := s.groups(tx, ` WHERE g.level = 'fine' AND g.state = 'open'`)
	if err != nil {
		return nil, err
	}
	f := &fines{map[id.ID]*Group{}, map[int]*Group{}}
	for i := range list {
		f.add(&list[i])
	}
	return f, nil
}

func (f *fines) add(g *Group) { f.byID[g.ID], f.byNumber[g.number()] = g, g }

// small bounds the numbers of models: what lies below it with the sign turned is the number of a fine group that a new model
// has forgotten.
const small = 1 << 40

// of gives the fine group that the worker means; nil: none that was there before.
func (f *fines) of(number int) *Group {
	if number < 0 && number > -small {
		number = -number
	}
	return f.byNumber[number]
}
