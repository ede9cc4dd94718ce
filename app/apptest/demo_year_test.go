package apptest_test

import (
	"strings"
	"testing"
	"time"

	"huiyin/app/apptest"
	"huiyin/app/demo"
)

// A newcomer finds a year of complaints in groups, a change that worked with its trial, one that did not help, and the page
// that tells everybody.
func TestTheDemoHoldsAYearWithAChangeThatWorkedAndOneThatDidNot(t *testing.T) {
	t.Parallel()
	desk := apptest.NewProcess(t)
	base := "http://" + desk.Addr
	begun := desk.Begin("demo", "--url", base)
	t.Cleanup(func() { begun.KillWhen(func() bool { return true }) })
	answers(t, base+"/demo/shop") // then its people can sign in
	const patience = 8 * time.Minute
	var board string
	for until := time.Now().Add(patience); ; time.Sleep(2 * time.Second) {
		if _, board = desk.GetAs(t, "li.jing@example.com", demo.Password, "/improve"); strings.Contains(board, "易碎品多垫一层") {
			break
		}
		if time.Now().After(until) {
			t.Fatal("the year is not there")
		}
	}
	wants(t, "the board", board, "换更厚的密封圈", "有效", "换一家快递", "看不出变化")
	_, insights := desk.GetAs(t, "li.jing@example.com", demo.Password, "/insights?period=90")
	wants(t, "the insights", insights, "杯盖漏水", "发货慢", "晚上没人回")
	_, history := desk.GetAs(t, "li.jing@example.com", demo.Password, "/insights/history")
	wants(t, "the history", history, "李静")
	_, public := desk.GetAs(t, "li.jing@example.com", demo.Password, "/improved")
	wants(t, "the public page", public, "杯盖漏水")
}

func wants(t *testing.T, what, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("%s: nothing of %q", what, text)
		}
	}
}
