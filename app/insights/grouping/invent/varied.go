package invent

import (
	"math/rand/v2"
	"strings"
)

// tail is how many rare words a language has in Varied, beside those of the grammar.
const tail = 30000

var (
	zhParts = []rune("山水田林花草云雨风雪金银铜铁玉石松竹梅兰菊红黄蓝白青东西南北春夏秋冬天地人和平安福禄寿喜长远高深清明光华文武英雄龙凤鹤鹿马牛羊鸡江河湖海桥路街城门窗桌椅床灯笔墨纸书画琴棋诗酒茶米面油盐糖果瓜豆麦")
	enParts = strings.Fields("ba ce di fo gu ha ki lo mu na pe ri so tu va we xi yo za bri clo dra fle gro pla sto tri mar ven dor lin san")
)

// Varied makes complaints as Complaints does, with rare words strewn in, as texts of real shoppers have them: brands,
// places, names of things. Their frequencies fall as those of words do (Zipf). It is for measuring time and memory.
func Varied(n int, seed uint64) []Complaint {
	random := rand.New(rand.NewPCG(seed, 13)) //nolint:gosec // made up, and the same each time
	zipf := rand.NewZipf(random, 1.1, 20, tail-1)
	made := Complaints(n, seed)
	for i := range made {
		var b strings.Builder
		b.WriteString(made[i].Text)
		for range 3 + random.IntN(6) {
			if made[i].Language == "zh" {
				b.WriteString("，" + zhWord(zipf.Uint64()) + zhWord(zipf.Uint64()))
			} else {
				b.WriteString(" " + enWord(zipf.Uint64()))
			}
		}
		made[i].Text = b.String()
	}
	return made
}

// zhWord is the rare word of a rank.
func zhWord(rank uint64) string {
	n := uint64(len(zhParts))
	return string([]rune{zhParts[rank%n], zhParts[(rank/n+rank*7)%n], zhParts[(rank*13+5)%n]}[:2+rank%2])
}

// enWord is the rare word of a rank.
func enWord(rank uint64) string {
	n := uint64(len(enParts))
	return enParts[rank%n] + enParts[rank/n%n] + enParts[(rank*5+rank/(n*n))%n]
}
