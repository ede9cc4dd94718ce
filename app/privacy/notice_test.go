package privacy_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"huiyin/app/privacy"
	"huiyin/tickets"
	"huiyin/tickets/fault"
)

func TestEveryNoticeOnceInForceIsKeptAsItWas(t *testing.T) {
	each(t, func(t *testing.T, x *desk) {
		ctx, admin := t.Context(), tickets.Actor{Kind: tickets.ActorAgent, ID: x.boss.ID, Role: tickets.RoleAdmin}
		standing := func(current, since string) {
			t.Helper()
			c, s, err := x.NoticeStanding(ctx)
			must(t, err)
			if c != current || s != since {
				t.Errorf("version %s counts since %s, want %s since %s", c, s, current, since)
			}
		}
		standing("1", "1")
		first, err := x.Notice(ctx, 0)
		must(t, err)
		if first.Version != 1 || !strings.Contains(first.Text("zh-CN"), "本店") || !strings.Contains(first.Text("en"), "This shop") || strings.Contains(first.Zh+first.En, "{") {
			t.Fatalf("the built-in notice is %+v", first)
		}
		if _, err := x.SaveNotice(ctx, x.boss, privacy.NewNotice{Zh: "新"}); !fault.Is(err, fault.Denied) {
			t.Errorf("a manager writes the notice: %v", err)
		}
		for _, bad := range []privacy.NewNotice{{}, {Zh: " \n"}, {Zh: strings.Repeat("长", privacy.NoticeMax+1)}, {En: "a\x00b"}, {En: "\xff"}} {
			if _, err := x.SaveNotice(ctx, admin, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.20q: %v, want it refused", bad.Zh+bad.En, err)
			}
		}
		same, err := x.SaveNotice(ctx, admin, privacy.NewNotice{Zh: first.Zh + "\r\n", En: first.En})
		must(t, err)
		if same.Version != 1 {
			t.Errorf("nothing changed and there is version %d", same.Version)
		}
		for i, n := range []privacy.NewNotice{{Zh: "第二"}, {Zh: "第三", Asks: true}, {Zh: "第四"}} {
			got, err := x.SaveNotice(ctx, admin, n)
			must(t, err)
			if got.Version != int64(i)+2 {
				t.Errorf("version %d, want %d", got.Version, i+2)
			}
		}
		standing("4", "3")
		must(t, x.tickets.SaveShop(ctx, tickets.Shop{Name: "新店名", Locale: "zh-CN", Timezone: "Asia/Shanghai", Country: "CN", Currency: "CNY"}))
		for version, text := range map[int64]string{1: first.Zh, 2: "第二", 3: "第三", 4: "第四", 0: "第四"} {
			n, err := x.Notice(ctx, version)
			must(t, err)
			if n.Text("zh-CN") != text || (version > 1 && n.Text("en") != text) {
				t.Errorf("version %d now says %.40q", version, n.Text("zh-CN"))
			}
		}
		for _, none := range []int64{5, -1} {
			if _, err := x.Notice(ctx, none); !fault.Is(err, fault.NotFound) {
				t.Errorf("version %d: %v", none, err)
			}
		}
		if all, err := x.Notices(ctx); err != nil || len(all) != 4 || all[0].Version != 4 || all[0].AgentID != admin.ID {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

// Shoppers have agreed to these words as version 1: a release that changes them has to make the desks ask again.
func TestTheBuiltInNoticeIsWhatShoppersAgreedTo(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"zh-CN": "ccf2b4d09f8142b4",
		"en":    "752bd060926b10f3",
	} {
		raw, err := os.ReadFile("notice/" + file + ".txt")
		must(t, err)
		sum := sha256.Sum256(raw)
		if got := hex.EncodeToString(sum[:8]); got != want {
			t.Errorf("notice/%s.txt is %s, it was %s", file, got, want)
		}
	}
}

func TestANoticeHoldsHeadingsListsAndParagraphsOnly(t *testing.T) {
	t.Parallel()
	got := privacy.Blocks("欢迎\n光临\n\n## 保存什么\n- 消息\n  和文件\n* 手机号\n后面\n\n<script>alert(1)</script>\n#\n末尾")
	want := []privacy.Block{
		{Paragraph: "欢迎\n光临"}, {Heading: "保存什么"}, {Items: []string{"消息\n和文件", "手机号\n后面"}}, {Paragraph: "<script>alert(1)</script>"}, {Paragraph: "末尾"},
	}
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i := range want {
		if got[i].Heading != want[i].Heading || got[i].Paragraph != want[i].Paragraph || strings.Join(got[i].Items, "|") != strings.Join(want[i].Items, "|") {
			t.Errorf("piece %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}
