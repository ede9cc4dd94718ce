package mailin_test

import (
	"strings"
	"testing"

	"huiyin/mailin/quote"
)

func TestOfAnAnswerToOurMailOnlyTheNewWordsAreTaken(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		server := d.post(nil)
		d.put(letter("z1@home.test", "李 <li@home.test>", "包裹在哪里", "说好周一到的，现在还没有。"), letter("e1@home.test", "Wang <wang@home.test>", "parcel", "Where is it?"))
		for _, ticket := range d.all() {
			d.reply(ticket.ID, "马上查 / at once")
		}
		d.drain()
		mails := server.Wait(2)
		for i, want := range []string{"写道：", "wrote:"} {
			text := strings.ReplaceAll(mails[i].Text, "\r\n", "\n")
			if !strings.Contains(text, want) || !strings.Contains(text, "##-") {
				t.Errorf("text %q", text)
			}
			_, below, _ := strings.Cut(text, "##-")
			for how, answer := range map[string]string{
				"below nothing": "谢谢 thanks\n\n##-" + below, "all of it quoted": "谢谢 thanks\n\n> " + strings.ReplaceAll(text, "\n", "\n> "),
				"under a line": "谢谢 thanks\n\n-----Original Message-----\nFrom: x\n\n" + text,
			} {
				got(t, how, quote.Text(answer).Reply, "谢谢 thanks")
			}
			got(t, "HTML", quote.OfHTML("<div>谢谢 thanks</div><div class=\"gmail_quote\">"+mails[i].HTML+"</div>").Reply, "谢谢 thanks")
			if other := []string{"On ", "在 "}[i]; strings.Contains(below, "\n"+other) {
				t.Errorf("the quotation is introduced in the other language: %q", below)
			}
		}
	})
}
