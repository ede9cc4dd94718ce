package demo

import (
	"fmt"
	"strings"
)

// shopper is somebody who is signed in at the shop. Addresses are of example.com and the numbers belong to nobody.
type shopper struct {
	id, name, surname, given string
	locale                   string
	email, phone             string
	vip                      bool
}

// Shoppers' names, surname and given name, with the spelling that stands in the address.
const (
	namesZH = `李 雷雷 lileilei|韩 若溪 hanruoxi|赵 敏之 zhaominzhi|陈 浩 chenhao|林 晓晓 linxiaoxiao|周 子墨 zhouzimo|吴 桐 wutong|郑 一诺 zhengyinuo|
孙 丽华 sunlihua|钱 多多 qianduoduo|冯 远山 fengyuanshan|褚 青青 chuqingqing|卫 冬 weidong|蒋 欣然 jiangxinran|沈 冬梅 shendongmei|韩 冰雁 hanbingyan|
杨 柳青 yangliuqing|朱 建平 zhujianping|秦 小岭 qinxiaoling|尤 佳佳 youjiajia|许 文静 xuwenjing|何 清 heqing|吕 一帆 lvyifan|施 雨桐 shiyutong|
张 伟平 zhangweiping|孔 祥瑞 kongxiangrui|曹 沐阳 caomuyang|严 明月 yanmingyue|华 晨晨 huachenchen|金 玲玉 jinlingyu|魏 来来 weilailai|陶 然 taoran|
姜 小山 jiangxiaoshan|戚 薇 qiwei|谢 春来 xiechunlai|邹 凯旋 zoukaixuan|喻 言 yuyan|柏 思齐 baisiqi|苏 小满 suxiaoman|潘 高远 pangaoyuan|
葛 军 gejun|樊 星 fanxing|彭 程远 pengchengyuan|鲁 知夏 luzhixia`
	namesEN = `Chen Mia mia.chen|Brown Oliver oliver.brown|Novak Petra petra.novak|Okafor Daniel daniel.okafor|Murphy Sean sean.murphy|
Larsen Ingrid ingrid.larsen|Tan Grace grace.tan|Dubois Claire claire.dubois|Wilson Harriet harriet.wilson|Garcia Luis luis.garcia|
Schmidt Jonas jonas.schmidt|Patel Anika anika.patel|Nguyen Linh linh.nguyen|Campbell Ross ross.campbell|Rossi Elena elena.rossi|
Taylor Ben ben.taylor|Kowalski Ewa ewa.kowalski|Lee Jordan jordan.lee|Martin Sophie sophie.martin|Hughes Rhys rhys.hughes`
)

// shoppers lists everybody who is signed in at the shop.
func shoppers() []shopper {
	var list []shopper
	add := func(locale, names string) {
		for entry := range strings.SplitSeq(strings.ReplaceAll(names, "\n", ""), "|") {
			f := strings.Fields(entry)
			n := len(list) + 1
			s := shopper{
				id: fmt.Sprintf("u%04d", 1000+7*n), surname: f[0], given: f[1], locale: locale,
				email: f[2] + "@example.com", vip: n%9 == 4,
			}
			if locale == zh {
				s.name, s.phone = f[0]+f[1], fmt.Sprintf("+8619900000%03d", n*13)
			} else {
				s.name, s.phone = f[1]+" "+f[0], fmt.Sprintf("+1202555%04d", 100+n)
			}
			list = append(list, s)
		}
	}
	add(zh, namesZH)
	add(en, namesEN)
	return list
}
