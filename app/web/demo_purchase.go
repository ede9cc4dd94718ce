package web

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// DemoPurchase is an order that somebody has made in the sample shop, as the shop tells the desk of it.
type DemoPurchase struct {
	Number   string
	State    string // unpaid, paid, shipped, delivered
	Customer string // id of the sample customer; empty: a guest
	Name     string
	Phone    string
	Email    string // of a sample customer
	Locale   string
	SKU      string
	Item     string
	Quantity int
	Price    int // of one, in fen
	// Placed to Delivered are when it came so far; zero: it has not yet.
	Placed, Paid, Shipped, Delivered time.Time
	Updated                          time.Time
	Tracking                         string
}

// Total is what it costs, as the shop writes it.
func (o *DemoPurchase) Total() string {
	fen := o.Price * o.Quantity
	return fmt.Sprintf("¥%d.%02d", fen/100, fen%100)
}

// shown is the order as the list of orders has it.
func (o *DemoPurchase) shown(f *shopFrame) DemoOrder {
	return DemoOrder{Number: o.Number, State: o.State, Item: f.T("public.shop.product"), Quantity: o.Quantity, Total: o.Total()}
}

// nextLabel is the key of the button that moves the order on; empty: nothing more can happen.
func (o *DemoPurchase) nextLabel() string {
	switch o.State {
	case "paid":
		return "public.shop.next_ship"
	case "shipped":
		return "public.shop.next_deliver"
	}
	return ""
}

// moveOn is the next thing that happens to a paid order.
func (o *DemoPurchase) moveOn(now time.Time) bool {
	switch o.State {
	case "paid":
		o.State, o.Shipped, o.Tracking = "shipped", now, "QH"+strings.ReplaceAll(o.Number, "-", "")
	case "shipped":
		o.State, o.Delivered = "delivered", now
	default:
		return false
	}
	o.Updated = now
	return true
}

// placedMax is how many orders the sample shop remembers: it is a demo, and forgets the oldest.
const placedMax = 500

// purchases are the orders that were made in the sample shop since it started.
type purchases struct {
	mu   sync.Mutex
	list []DemoPurchase // oldest first
	last int
}

// number gives a new order its number.
func (p *purchases) number(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	return fmt.Sprintf("%s-%04d", now.Format("20060102"), (now.Hour()*3600+now.Minute()*60+now.Second()+p.last)%10000)
}

// keep remembers an order as it is now.
func (p *purchases) keep(o DemoPurchase) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.list {
		if p.list[i].Number == o.Number {
			p.list[i] = o
			return
		}
	}
	p.list = append(p.list[max(0, len(p.list)-placedMax+1):], o)
}

// find gives the order of a number.
func (p *purchases) find(number string) (DemoPurchase, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range p.list {
		if o.Number == number {
			return o, true
		}
	}
	return DemoPurchase{}, false
}

// of gives a sample customer's orders, newest first; a guest has no list.
func (p *purchases) of(customer string) (list []DemoPurchase) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.list) - 1; i >= 0 && customer != ""; i-- {
		if p.list[i].Customer == customer {
			list = append(list, p.list[i])
		}
	}
	return list
}
