// Package invent makes up complaints of shoppers, Chinese and English, from a grammar of our own and a seed: as many as a
// test or a measurement wants, each with the matter that it is about. Only tests use it.
package invent

import (
	"math/rand/v2"
	"strings"
)

// Complaint is a text that was made up.
type Complaint struct {
	Text, Matter, Language string
}

// matter is something to complain about: openings, cores and endings in both languages, divided by |.
type matter struct {
	name   string
	zh, en [2]string // cores, endings
}

var matters = []matter{
	{"late", [2]string{"快递{n}天了还没到|物流一直不动|发货太慢|等了{n}天都没送到|配送速度太慢了|说好{n}天到现在还没影", "什么时候能送到|急着用|催了也没用|都快急死了"},
		[2]string{"my parcel is {n} days late|the delivery takes forever|shipping is far too slow|still waiting for the courier|the shipment has not moved for {n} days", "when will it arrive|I need it this week|nobody can say when"}},
	{"damaged", [2]string{"{p}收到就碎了|外包装压扁了|箱子破了，{p}也摔坏了|打开一看{p}全是裂痕|盒子烂了，里面漏了一地", "包装也太简陋|要求换一个|怎么处理"},
		[2]string{"the {p} arrived broken|box was crushed and the {p} is cracked|my {p} came in pieces|packaging torn and the {p} scratched", "please send another|poor packing|what can you do"}},
	{"wrong", [2]string{"买的{p}发成了别的|{p}发错颜色|寄来的不是我订的{p}|{p}型号发错了", "怎么拣货的|请尽快换|太不仔细"},
		[2]string{"you sent the wrong {p}|this is not the {p} I ordered|received a different {p}|wrong colour of the {p} was sent", "please exchange it|I want the right one|how did you mix it up"}},
	{"refund", [2]string{"{p}的退款还没到账|退货{n}天了钱没退|退款一直在处理中|仓库收到{p}了还不退钱", "什么时候退|再不退就投诉|拖太久"},
		[2]string{"my refund for the {p} has not come|I returned the {p} {n} days ago and no money back|refund is still processing|where is my refund for the {p}", "how long does it take|I want my money|pay me back"}},
	{"size", [2]string{"{p}尺码偏小|按尺码表买的{p}太大|{p}穿不上，码数不准|{p}腰太紧", "尺码表有问题|要换大一码|不合身"},
		[2]string{"the {p} runs small|size of the {p} is wrong|the {p} is too tight|the {p} does not fit, size chart is off", "I need a larger one|misleading size guide|too narrow"}},
	{"price", [2]string{"刚买{p}就降价|{p}第二天便宜了{n}块|买完{p}马上降价{n}元|{p}降价太快", "差价退不退|感觉被坑|不给价保"},
		[2]string{"the price of the {p} dropped {n} right after I bought it|{p} is cheaper today|bought the {p} and next day the price fell|price cut on the {p} by {n}", "refund the difference|no price protection|that is unfair"}},
	{"service", [2]string{"客服不理人|问{p}的事客服半天不回|客服态度很差|打了{n}次电话没人接|客服只会复制粘贴", "太敷衍了|这是什么服务|没人解决"},
		[2]string{"customer service does not answer about the {p}|support never replied|the agent was rude|called {n} times and nobody picked up", "terrible service|nobody helps|so frustrating"}},
	{"pay", [2]string{"{p}付款失败|支付页面打不开|换了{n}张卡都付不了|支付一直报错", "订单要过期了|怎么付款|试了好多遍"},
		[2]string{"payment for the {p} fails|checkout shows an error|I tried {n} cards and cannot pay|my card is declined at checkout", "what is wrong|my order will expire|please fix it"}},
	{"invoice", [2]string{"{p}的发票还没开|发票抬头开错了|申请发票{n}天没动静|电子发票下载不了", "报销要用|请重开|怎么这么难"},
		[2]string{"I need an invoice for the {p}|the invoice shows the wrong company|asked for the invoice {n} days ago|cannot download the invoice", "accounting needs it|please correct it|it is for my expenses"}},
	{"quality", [2]string{"{p}用了{n}天就坏了|{p}质量太差|{p}做工粗糙|{p}第二次用就没反应", "不值这个价|要求保修|再也不买"},
		[2]string{"the {p} broke after {n} days|quality of the {p} is poor|the {p} stopped working|the {p} fell apart", "not worth the money|is there a warranty|never again"}},
	{"coupon", [2]string{"优惠券用不了|买{p}满减没生效|折扣码显示无效|领的券买{p}不能用", "说好的优惠呢|骗人下单|请补给我"},
		[2]string{"my coupon does not work|discount code for the {p} is invalid|the voucher was not applied to the {p}|promo code rejected", "I was promised a discount|please honour it|very misleading"}},
	{"login", [2]string{"收不到验证码|账号登录不上|密码重置{n}次都失败|登录一直提示错误", "怎么进去|订单都看不到|急"},
		[2]string{"no verification code arrives|cannot log in to my account|password reset failed {n} times|login shows an error", "I cannot see my orders|please unlock it|how do I get in"}},
}

var (
	zhThings = strings.Fields("手机 耳机 外套 裤子 鞋 杯子 台灯 键盘 书包 床单 锅 风扇 手表 音箱 沙发 毛衣 衬衫 雨伞 牙刷 面霜 洗发水 茶叶 饼干 苹果 玩具 奶粉 闹钟 水壶 相机 平板")
	enThings = strings.Fields("phone headphones jacket trousers shoes mug lamp keyboard backpack sheet pan fan watch speaker sofa sweater shirt umbrella toothbrush cream shampoo tea biscuits apples toy formula clock kettle camera tablet")
	zhStarts = strings.Split("|你好，|请问|亲，|在吗，|我上周买的，|唉，|说实话，|第一次在这买，|老顾客了，", "|")
	enStarts = strings.Split("|hello, |hi, |excuse me, |last week I ordered here, |honestly, |first time buyer, |to be frank, |good morning, ", "|")
	zhFill   = strings.Fields("真的 实在 居然 一直 又 还是 已经 完全 有点 特别")
	enFill   = strings.Fields("really again simply just already completely honestly somehow clearly still")
)

// Complaints makes n of them, half Chinese, half English; the same seed gives the same.
func Complaints(n int, seed uint64) []Complaint {
	random := rand.New(rand.NewPCG(seed, 11)) //nolint:gosec // made up, and the same each time
	made := make([]Complaint, n)
	for i := range made {
		m := matters[random.IntN(len(matters))]
		if random.IntN(2) == 0 {
			made[i] = Complaint{say(random, zhStarts, m.zh, zhThings, zhFill, "", "，"), m.name, "zh"}
		} else {
			made[i] = Complaint{say(random, enStarts, m.en, enThings, enFill, " ", ", "), m.name, "en"}
		}
	}
	return made
}

func say(random *rand.Rand, starts []string, m [2]string, things, fill []string, space, pause string) string {
	pick := func(of []string) string { return of[random.IntN(len(of))] }
	text := pick(starts)
	if random.IntN(3) == 0 {
		text += pick(fill) + space
	}
	text += pick(strings.Split(m[0], "|"))
	if random.IntN(2) == 0 {
		text += pause + pick(strings.Split(m[1], "|"))
	}
	if random.IntN(3) == 0 {
		text += pause + pick(fill) + space + pick(strings.Split(m[1], "|"))
	}
	text = strings.ReplaceAll(text, "{p}", pick(things))
	return strings.ReplaceAll(text, "{n}", string(rune('2'+random.IntN(8))))
}
