package worker

import (
	"testing"

	"huiyin/app/insights/grouping"
	"huiyin/app/insights/grouping/lexicon"
)

func TestGroupsOfTwoLanguagesThatSpeakOfTheSameAreTwins(t *testing.T) {
	t.Parallel()
	lex, err := lexicon.Shops()
	if err != nil {
		t.Fatal(err)
	}
	a := &arranging{Result: &Result{}, lexicon: lex, grouping: &grouping.Grouping{}}
	for group, texts := range map[int][]string{
		1: {"快递包裹还没到", "物流单号一直不更新，包裹还没收到", "快递没收到"},
		2: {"my parcel has not arrived", "the delivery of my parcel was not received", "tracking has no update, delivery not arrived"},
		3: {"the courier was rude and shouted", "rude driver", "the courier was so impolite"},
		4: {"退款没到账", "退款一直不退", "什么时候退款到账"},
		6: {"发票抬头开错了", "发票一直不给开"},
		7: {"the price dropped after i bought it", "price is lower now, refund the difference"},
		8: {"包装破了，杯子碎了", "收到就是碎的"},
		9: {"the payment failed twice", "charged twice for one payment"},
		5: {"退款 refund 没到", "the refund has not come", "refund please, 退款"},
	} {
		for range 5 {
			for _, text := range texts {
				a.texts = append(a.texts, Text{Body: text})
				a.grouping.Members = append(a.grouping.Members, grouping.Member{Fine: group, Group: group, Score: 1})
			}
		}
	}
	a.twins()
	if len(a.Twins) != 1 || a.Twins[0].A != 1 || a.Twins[0].B != 2 {
		t.Errorf("twins %+v, want late parcels in both languages", a.Twins)
	}
}
