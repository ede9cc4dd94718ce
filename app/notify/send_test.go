package notify_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"huiyin/app/notify"
	"huiyin/tickets"
)

func TestAMailIsSentOnlyForWhatIsNotReadMeanwhile(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		for _, a := range []tickets.Actor{d.lin, d.chen} {
			d.choose(a, notify.Choices{On: map[notify.Kind][]notify.Channel{notify.Waiting: {notify.Mail}}})
		}
		d.choose(d.wu, notify.Choices{})
		one, two := d.write(nil), d.write(nil)
		d.read()
		must(t, d.notices.ReadAll(bg, d.chen.ID))
		jobs := d.queued
		d.send()
		d.is("mails at once", strings.Join(d.mailed, " "), "")
		d.at = d.at.Add(6 * time.Minute)
		d.queued = jobs
		d.send()
		d.is("mails", strings.Join(d.mailed, " "), "Lin")
		text := d.mails[0]
		if len(text.Lines) != 2 || !strings.Contains(text.Title, "2") || text.Lines[0].Link != fmt.Sprintf("https://desk.example/tickets/%d", one.Number) ||
			!strings.Contains(text.Lines[1].Text, fmt.Sprint(two.Number)) || !strings.Contains(text.Foot, "https://desk.example/preferences/notices") {
			t.Errorf("both tickets in one mail: %+v", text)
		}
		if all := fmt.Sprint(d.mails); strings.Contains(all, "李小姐") || strings.Contains(all, "13800138000") {
			t.Errorf("the mail names the contact: %s", all)
		}
	})
}

func TestWhatFailsIsTriedForADayThenGivenUp(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		group := d.target(notify.Target{Kinds: []notify.Kind{notify.Waiting}})
		for _, a := range []tickets.Actor{d.lin, d.chen} {
			d.choose(a, notify.Choices{})
		}
		d.choose(d.wu, notify.Choices{On: map[notify.Kind][]notify.Channel{notify.Alert: {notify.Bell}}})
		d.fail = errors.New("no way")
		d.write(nil)
		d.read()
		d.send()
		d.read()
		d.is("Wu, at the first failure", d.bell(d.wu), "alert")
		tries := 0
		for d.queued = nil; tries < 100; tries++ {
			d.pass(time.Hour + time.Minute)
			if len(d.queued) == 0 {
				break
			}
			d.queued = d.queued[:1]
			d.send()
			d.queued = nil
		}
		if tries < 20 || tries > 30 {
			t.Errorf("given up after %d hours, want about 24", tries)
		}
		list, err := d.notices.Sent(bg, 0, 10)
		must(t, err)
		if len(list) != 1 || list[0].State != "failed" || list[0].Target != group || list[0].Reason != "notices.reason.other" || list[0].Attempts < 20 {
			t.Errorf("the record: %+v", list)
		}
		to, err := d.notices.Target(bg, group)
		must(t, err)
		if to.FailingAt == 0 {
			t.Error("the target does not count as failing")
		}
		d.fail = nil
		must(t, d.notices.TryTarget(bg, group))
		d.is("Wu, after it works again", d.bell(d.wu), "")
	})
}

func TestALastingFailureIsNotTriedAgain(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		d.target(notify.Target{Kinds: []notify.Kind{notify.Waiting}})
		d.fail = lasting(true)
		d.write(nil)
		d.read()
		d.send()
		list, err := d.notices.Sent(bg, 0, 10)
		must(t, err)
		if len(list) != 1 || list[0].State != "failed" || list[0].Reason != "refused" {
			t.Errorf("the record: %+v", list)
		}
	})
}

func TestARowWhoseJobIsLostIsSentAllTheSame(t *testing.T) {
	both(t, func(_ *testing.T, d *desk) {
		d.target(notify.Target{Kinds: []notify.Kind{notify.Waiting}})
		d.write(nil)
		d.read()
		d.queued = nil // the process died
		d.pass(time.Minute)
		d.send()
		d.is("posts", strings.Join(d.posted, " "), "group")
	})
}

func TestATargetIsCheckedAndKeepsItsSecrets(t *testing.T) {
	both(t, func(t *testing.T, d *desk) {
		for name, bad := range map[string]notify.Target{
			"url":    {Sort: "wecom", Name: "x", URL: "ftp://x", Locale: "en", Kinds: []notify.Kind{notify.Alert}},
			"name":   {Sort: "wecom", Name: " ", URL: "https://x.example", Locale: "en", Kinds: []notify.Kind{notify.Alert}},
			"sort":   {Sort: "pigeon", Name: "x", URL: "https://x.example", Locale: "en", Kinds: []notify.Kind{notify.Alert}},
			"kinds":  {Sort: "wecom", Name: "x", URL: "https://x.example", Locale: "en", Kinds: []notify.Kind{notify.Message}},
			"locale": {Sort: "wecom", Name: "x", URL: "https://x.example", Locale: "xx", Kinds: []notify.Kind{notify.Alert}},
			"secret": {Sort: "wecom", Name: "x", URL: "https://x.example", Locale: "en", Secret: strings.Repeat("x", 201), Kinds: []notify.Kind{notify.Alert}},
		} {
			_, err := d.notices.SaveTarget(bg, bad)
			if fieldOf(err) != name {
				t.Errorf("%s: got %v, want an error of that field", name, err)
			}
		}
		one := d.target(notify.Target{Sort: "dingtalk", Name: "值班群", URL: "https://oapi.example/robot?access_token=t", Secret: "SECx", Locale: "zh-CN", Kinds: []notify.Kind{notify.Alert}})
		_, err := d.notices.SaveTarget(bg, notify.Target{ID: one, Sort: "dingtalk", Name: "夜班群", Locale: "zh-CN", Kinds: []notify.Kind{notify.Alert, notify.Waiting}})
		must(t, err)
		got, err := d.notices.Target(bg, one)
		must(t, err)
		d.is("kept", fmt.Sprint(got.Name, got.URL, got.Secret, got.Kinds), fmt.Sprint("夜班群", "https://oapi.example/robot?access_token=t", "SECx", []notify.Kind{notify.Waiting, notify.Alert}))
		must(t, d.notices.DeleteTarget(bg, one))
		if _, err := d.notices.Target(bg, one); err == nil {
			t.Error("it is still there")
		}
	})
}
