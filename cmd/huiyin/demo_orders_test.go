package main

import (
	"testing"
	"time"

	"huiyin/app/web"
)

func TestAPurchaseOfTheSampleShopIsToldInTheWordsOfTheAPI(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	d := purchaseDraft(&web.DemoPurchase{
		Number: "1", State: "shipped", Customer: "u1", Phone: "13800138000", Locale: "en", SKU: "CL", Item: "Flask", Quantity: 3, Price: 5905,
		Placed: at, Paid: at, Shipped: at, Updated: at, Tracking: "QH1",
	})
	if *d.Total != "177.15" || *d.Lines[0].Price != "59.05" || d.DeliveredAt != nil || *d.PaidAt != "2026-11-27T08:00:00Z" {
		t.Errorf("%+v", d)
	}
	if d.Contact.ExternalID != "u1" || d.Shipments[0].Tracking != "QH1" || d.Shipments[0].Courier == "" {
		t.Errorf("%+v %+v", d.Contact, d.Shipments)
	}
}
