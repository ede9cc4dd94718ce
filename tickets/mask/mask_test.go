package mask_test

import (
	"slices"
	"strings"
	"testing"

	"huiyin/tickets/mask"
)

func TestText(t *testing.T) {
	t.Parallel()
	tests := []struct{ rule, in, want, kinds string }{
		{"a card number is masked but for its last four digits", "我的卡号是4111111111111111,谢谢", "我的卡号是************1111,谢谢", "card"},
		{"UnionPay of 16", "6212345678901232", "************1232", "card"},
		{"UnionPay of 19", "转账到 6222021234567890128 吧", "转账到 ***************0128 吧", "card"},
		{"Mastercard", "5105105105105100", "************5100", "card"},
		{"Mastercard's second range", "2223000048400011", "************0011", "card"},
		{"American Express", "378282246310005", "***********0005", "card"},
		{"JCB", "3530111333300000", "************0000", "card"},
		{"Discover", "6011111111111117", "************1117", "card"},
		{"blanks stay", "4111 1111 1111 1111", "**** **** **** 1111", "card"},
		{"dashes stay", "4111-1111-1111-1111.", "****-****-****-1111.", "card"},
		{"dots stay", "4111.1111.1111.1111", "****.****.****.1111", "card"},
		{"other dashes and blanks", "4111–1111—1111\u00a01111", "****–****—****\u00a01111", "card"},
		{"wide joints", "4111 - 1111 - 1111 - 1111", "**** - **** - **** - 1111", "card"},
		{"American Express as it is printed", "3782 822463 10005", "**** ****** *0005", "card"},
		{"Diners Club as it is printed", "3056 930902 5904", "**** ****** 5904", "card"},
		{"UnionPay as it is printed", "622202 1234567890128", "****** *********0128", "card"},
		{"UnionPay in fours", "6222 0212 3456 7890 128", "**** **** **** ***0 128", "card"},
		{"an old Visa as it is printed", "4222 2222 2222 2", "**** **** *222 2", "card"},
		{"full-width digits", "４１１１１１１１１１１１１１１１", "************１１１１", "card"},
		{"Arabic digits", "٤١١١١١١١١١١١١١١١", "************١١١١", "card"},
		{"mathematical and circled digits", "𝟒①①①111111111111", "************1111", "card"},
		{"zero width characters part nothing", "4111\u200b1111\u200b1111\u200b1111", "****\u200b****\u200b****\u200b1111", "card"},
		{"the expiry date behind it stays", "4111 1111 1111 1111 05/28 123", "**** **** **** 1111 05/28 123", "card"},
		{"the expiry date in four digits too", "4111 1111 1111 1111 0528 123", "**** **** **** 1111 0528 123", "card"},
		{"a number before it stays", "12 4111 1111 1111 1111", "12 **** **** **** 1111", "card"},
		{"two cards", "4111111111111111 5105105105105100", "************1111 ************5100", "card card"},
		{"bold", "**4111111111111111**", "**************1111**", "card"},
		{"right after a Latin word for a card", "visa4111111111111111", "visa************1111", "card"},
		{"part of a longer number beside the word for it", "卡号 4111111111111111-0528-123", "卡号 ************1111-0528-123", "card"},
		{"cut oddly beside the word for it", "my card 41111 11111 111111", "my card ***** ***** **1111", "card"},
		{"the word may follow", "36227206271667是我的卡号", "**********1667是我的卡号", "card"},
		{"13 digits beside the word for it", "旧的信用卡 4222222222222", "旧的信用卡 *********2222", "card"},

		{"身份证", "身份证号码11010519491231002X", "身份证号码**************002X", "id_card"},
		{"身份证 with a digit at the end", "440524188001010014 440524198001010013", "440524188001010014 **************0013", "id_card"},
		{"a small, wide, cyrillic or multiplication X", "11010519491231002x 11010519491231002Ｘ 11010519491231002Х 11010519491231002×", "**************002x **************002Ｘ **************002Х **************002×", "id_card id_card id_card id_card"},
		{"身份证 in full width", "１１０１０５１９４９１２３１００２Ｘ", "**************００２Ｘ", "id_card"},
		{"身份证 in groups", "110105 19491231 002X, 110105-1949-1231-002X", "****** ******** 002X, ******-****-****-002X", "id_card id_card"},
		{"身份证 after letters", "ID11010519491231002X", "ID**************002X", "id_card"},
		{"people from Hong Kong", "810000199408230021", "**************0021", "id_card"},
		{"foreigners with permanent residence", "931840198111020013", "**************0013", "id_card"},
		{"the old form beside the word for it", "身份证 110105491231002", "身份证 ***********1002", "id_card"},
		{"both", "身份证11010519491231002X，卡号6212345678901232", "身份证**************002X，卡号************1232", "id_card card"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			got, found := mask.Text(tt.in, nil)
			if got != tt.want {
				t.Errorf("Text(%q) = %q, want %q", tt.in, got, tt.want)
			}
			var kinds []string
			for _, f := range found {
				kinds = append(kinds, f.Kind)
			}
			if k := strings.Join(kinds, " "); k != tt.kinds {
				t.Errorf("Text(%q) found %q, want %q", tt.in, k, tt.kinds)
			}
			if again, more := mask.Text(got, nil); again != got || len(more) > 0 {
				t.Errorf("masked once more, %q became %q", got, again)
			}
		})
	}
}

func TestTextLeavesOtherNumbersAlone(t *testing.T) {
	t.Parallel()
	tests := []struct{ rule, in string }{
		{"no digits", "你好，我的包裹在哪里？"},
		{"a wrong check digit", "4111111111111112"},
		{"an unknown issuer", "7992739871300008"},
		{"a length that the issuer does not have", "51051051051051054"},
		{"twenty digits", "41111111111111111115"},
		{"a mobile number", "13800138000, +86 138 0013 8000"},
		{"two mobile numbers", "13800138000 13900139000"},
		{"a foreign phone number", "+4222222222222"},
		{"an order by the day", "订单2601150000000002 什么时候到"},
		{"an order in two parts", "260115-371449635398431"},
		{"a courier's letters", "SF4111111111111111 YT4111111111111111"},
		{"letters behind it", "4111111111111111CN"},
		{"a file's name", "IMG_4111111111111111.jpg"},
		{"thirteen digits beginning with 4: a parcel or bar code", "4222222222222"},
		{"nineteen digits beginning with 4: a market place's order", "4111111111111111110"},
		{"milliseconds", "1763870000000"},
		{"a time", "20261123042855 2026-11-23 04:28:55.123"},
		{"a device (IMEI)", "IMEI 490154203237518"},
		{"a SIM card", "89860012345678901237"},
		{"an address of the web", "https://shop.example/item?id=4111111111111111"},
		{"a decimal", "0.4111111111111111"},
		{"single digits", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
		{"two orders of eight digits", "41111111 11111111"},
		{"a payment's number", "4200001234202601011234567897"},
		{"lines do not join", "4111 1111\n1111 1111"},
		{"身份证 with a wrong check digit", "110105194912310021"},
		{"身份证 with a date that is none", "110105194902310026"},
		{"身份证 of no region", "990105194912310023"},
		{"fifteen digits without the word for them", "110105491231002"},
		{"an X that begins a word", "11010519491231002Xmas"},
		{"what an earlier mask left", "**** **** **** 4111 1111 1111 1111"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			if got, found := mask.Text(tt.in, nil); got != tt.in || found != nil {
				t.Errorf("Text(%q) = %q, %v, want it unchanged", tt.in, got, found)
			}
		})
	}
}

func TestKeepSparesAKnownNumber(t *testing.T) {
	t.Parallel()
	var asked []string
	keep := func(c string) bool {
		asked = append(asked, c)
		return c == "4111111111111111"
	}
	got, found := mask.Text("订单 4111 1111 1111 1111，卡 ５１０５105105105100，11010519491231002x", keep)
	want := "订单 4111 1111 1111 1111，卡 ************5100，**************002x"
	if got != want || len(found) != 2 {
		t.Errorf("Text = %q, %v, want %q", got, found, want)
	}
	// keep is asked in plain digits, whatever the text looks like
	if want := []string{"4111111111111111", "5105105105105100", "11010519491231002X"}; !slices.Equal(asked, want) {
		t.Errorf("keep was asked for %q, want %q", asked, want)
	}
}
