package insights

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"huiyin/app/insights/grouping/lexicon"
	"huiyin/app/insights/grouping/words"
	"huiyin/tickets/id"
)

// Said is a text of somebody, before it is known whether it complains.
type Said struct {
	Source   string // FromTicket, FromResponse, FromImport
	Subject  id.ID  // what is counted
	Message  id.ID  // of a ticket, or of nothing else that may be taken back: 0
	Contact  id.ID  // 0: nobody known
	Key      id.ID  // data key that seals the text; 0: the desk's
	Channel  string
	Team     id.ID
	Order    []byte   // keyed hash (tickets.OrderKey) or nil
	Products []string // SKUs
	Text     string
	At       time.Time
	again    bool // what was kept of it before was taken out, but for what a person has put somewhere
	Blames   bool // something beside its words says that it complains, as a low grade does
}

const (
	// clausesMost of one subject are kept: who writes a novel is no louder than others.
	clausesMost = 40
	// dayMost clauses of one person are kept on a day.
	dayMost = 100
	// readMost is how many characters of a text are read.
	readMost = 60_000
)

// clause is one complaint in a text.
type clause struct {
	text, key        string
	language, aspect string
}

// clauses finds the complaints in a text: pieces of it that say something, are not small talk and do not praise. all: it
// complains also where its words would not tell.
func (said *Said) clauses(all bool, l *lexicon.Lexicon) (out []clause) {
	text := said.Text
	if len(text) > readMost {
		text = text[:readMost]
	}
	text = strings.ToValidUTF8(text, "")
	seen := map[string]bool{}
	for _, piece := range words.Clauses(text) {
		piece = strings.TrimSpace(piece)
		normal := words.Normal(piece)
		key := words.Key(normal)
		if !saysSomething(key) || seen[key] || !all && !said.complains(normal, l) {
			continue
		}
		seen[key] = true
		out = append(out, clause{piece, key, languageOf(normal), aspectOf(normal, l)})
		if len(out) == clausesMost {
			break
		}
	}
	return out
}

// complains tells whether a piece of a text complains, by its words.
func (said *Said) complains(normal string, l *lexicon.Lexicon) bool {
	if said.Source == FromTicket && languageOf(normal) != "other" {
		return l.ComplainsInTalk(normal, tokens.Tokens(normal))
	}
	return lexicon.IsComplaint(normal)
}

// smallTalk are texts that open, hold or end a conversation, by their keys.
var smallTalk = func() map[string]bool {
	out := map[string]bool{}
	for _, text := range strings.Fields(`你好 您好 你好啊 你好呀 哈喽 嗨 在吗 在么 在不在 有人吗 有人在吗 人呢 客服 人工 人工客服 转人工 亲 亲在吗 你好在吗 您好在吗 早上好 下午好 晚上好 谢谢 谢谢你
 谢谢您 多谢 感谢 非常感谢 好 好的 好吧 好滴 好哒 行 行吧 可以 可以的 嗯 嗯嗯 哦 哦哦 噢 知道了 明白 明白了 收到 了解 不用了 没事 没事了 没有了 没问题 再见 拜拜 辛苦了 麻烦了 稍等 等一下 是 是的 对 对的
 不是 不 没有 有 不客气 测试 hi hello hey hellothere hithere anyonethere anybodythere areyouthere isanyonethere isanybodythere thanks thankyou thx ty manythanks thankssomuch thankyouverymuch thankyousomuch
 okthanks okthankyou ok okay okey k yes yep yeah no nope sure fine great cool gotit isee alright goodmorning goodafternoon goodevening bye goodbye please help agent human test ping noproblem nevermind welcome
 youarewelcome thatsall thatisall`) {
		out[text] = true
	}
	return out
}()

// saysSomething tells whether a text, by its key, may be a complaint at all: more than a greeting, a thank-you or a single sign.
func saysSomething(key string) bool {
	if key == "" || smallTalk[key] || smallTalk[strings.Trim(key, "啊呀吧哦嗯了的呢吗~")] {
		return false
	}
	letters := 0
	for _, r := range key {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters >= 2
}

// languageOf tells the language of a text: zh, en, or other when most of its letters are of another script.
func languageOf(normal string) string {
	if words.LanguageOf(normal) == words.Chinese {
		return "zh"
	}
	latin, all := 0, 0
	for _, r := range normal {
		if unicode.IsLetter(r) {
			all++
			if unicode.Is(unicode.Latin, r) {
				latin++
			}
		}
	}
	if 2*latin < all {
		return "other"
	}
	return "en"
}

// aspects in the order in which they win over each other where a text speaks of several alike: those that say what went wrong come
// before those that say of which goods.
var aspectOrder = []string{"returns", "invoice", "payment", "price", "delivery", "service", "page", "order", "goods", "quality"}

// NoAspect is that of a text in which the lexicon knows nothing.
const NoAspect = "other"

var tokens = words.NewReader(nil)

// aspectOf gives what a text is about by the lexicon: the aspect of most of its concepts, of several alike the first by order.
func aspectOf(normal string, l *lexicon.Lexicon) string {
	n := map[string]int{}
	for _, c := range l.Find(normal, tokens.Tokens(normal)) {
		n[l.Aspects[l.Concepts[c].Aspect].Key]++
	}
	best := NoAspect
	for _, key := range slices.Concat(aspectOrder, keysOf(l)) {
		if n[key] > n[best] {
			best = key
		}
	}
	return best
}

// keysOf gives the aspects of a lexicon in its order: a shop may have added some.
func keysOf(l *lexicon.Lexicon) []string {
	out := make([]string, len(l.Aspects))
	for i, a := range l.Aspects {
		out[i] = a.Key
	}
	return out
}
