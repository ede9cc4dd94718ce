package tickets

import "huiyin/tickets/mask"

// Masked is which sorts of number were hidden in a message: a sum of MaskedCard and MaskedIDCard.
type Masked int64

// The sorts of number that are hidden.
const (
	MaskedCard   Masked = 1
	MaskedIDCard Masked = 2
)

// Kinds gives the sorts by the names that the frames use; nil when nothing was hidden.
func (m Masked) Kinds() (kinds []string) {
	if m&MaskedCard != 0 {
		kinds = append(kinds, mask.Card)
	}
	if m&MaskedIDCard != 0 {
		kinds = append(kinds, mask.IDCard)
	}
	return kinds
}

// holdsNumbers tells whether a text holds what would be masked. It runs before the transaction, and the transaction
// needs to look again at the few texts that do.
func holdsNumbers(text string) bool {
	_, found := mask.Text(text, nil)
	return len(found) > 0
}

// hideNumbers hides card and identity numbers in a text, but none that is one of the known order numbers.
func hideNumbers(text string, orders ...string) (string, Masked) {
	text, found := mask.Text(text, func(number string) bool {
		for _, one := range orders {
			if number == BareOrder(one) {
				return true
			}
		}
		return false
	})
	var kinds Masked
	for _, f := range found {
		switch f.Kind {
		case mask.Card:
			kinds |= MaskedCard
		case mask.IDCard:
			kinds |= MaskedIDCard
		}
	}
	return text, kinds
}
