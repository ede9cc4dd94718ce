package demo

import (
	"fmt"
	"time"
)

// customers are the places in shoppers() of those whom the shop's page can be signed in as. They have written before,
// but not lately.
var customers = []int{0, 1, 44}

// Customer is a shopper whom somebody can be in the shop.
type Customer struct {
	ID, Name, Email, Phone string
	Locale                 string
	Orders                 []Order
}

// Order is an order of hers.
type Order struct {
	Number   string
	State    string // shipped, refunding, delivered
	Item     string
	Quantity int
	Total    string
}

// Customers lists who can be signed in at the shop, with orders of the days before now. Their ids, addresses and
// numbers are those that the desk knows them by.
func Customers(now time.Time) []Customer {
	people := shoppers()
	list := make([]Customer, len(customers))
	for i, n := range customers {
		p := people[n]
		list[i] = Customer{ID: p.id, Name: p.name, Email: p.email, Phone: p.phone, Locale: p.locale, Orders: []Order{
			order(now, p.locale, 2, 11+i, goods[i], 1, "shipped"),
			order(now, p.locale, 5, 31+i, goods[i+3], 2, "refunding"),
			order(now, p.locale, 23, 52+i, goods[i+6], 1, "delivered"),
		}}
	}
	return list
}

func order(now time.Time, locale string, days, n int, g good, quantity int, state string) Order {
	return Order{
		Number: fmt.Sprintf("%s-%02d", now.In(zone).AddDate(0, 0, -days).Format("20060102"), n),
		State:  state, Item: g.name[locale], Quantity: quantity, Total: fmt.Sprintf("¥%d.00", g.price[zh]*quantity),
	}
}
