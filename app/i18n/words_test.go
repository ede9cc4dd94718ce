package i18n

import (
	"regexp"
	"strings"
	"testing"
)

// words are the product's words for its things, and the ones that must not stand in their place.
var words = []struct{ word, refused string }{
	{"工单", "票据 工票 案例 服务单 问题单"},
	{"会话", "对话"},
	{"渠道", "收件箱 信箱 入口渠道"},
	{"客服", "坐席 座席 客服人员 客服专员 代理人"},
	{"处理人", "负责人 受理人 经办人 指派人 责任人"},
	{"小组", "团队 群组 班组 技能组"},
	{"客户", "联系人"},
	{"顾客", "买家 消费者 购物者"},
	{"内部备注", "便签 笔记 注释 备忘 内部评论 私有备注"},
	{"快捷回复", "快捷语 常用语 话术 回复模板 模板回复"},
	{"稍后处理", "暂缓 搁置 挂起 贪睡 延后 推迟"},
	{"待接入", "未分配 待分配 未接入 待处理 待受理"},
	{"处理中", "进行中 受理中"},
	{"待客户回复", "等待客户 待回复 等待回复"},
	{"已解决", "已完成 已处理 已办结"},
	{"已关闭", "已关单 已结单"},
	{"合并", "归并"},
	{"拆分", "分拆 拆单"},
	{"会话小结", "服务小结 工单小结"},
	{"交接班", "移交 换班"},
	{"承诺跟进", "承诺提醒 跟进承诺"},
	{"问题归类", "投诉分组 问题分组 聚类"},
	{"改进任务", "改善任务 优化任务"},
	{"小范围试行", "灰度 试点 试运行"},
	{"全面推行", "全量 全面推广"},
	{"反馈表单", "反馈问卷 调查表 调查问卷"},
	{"满意度", "好评率"},
	{"下单尝试", "订单尝试"},
	{"下单成功率", "订单成功率"},
	{"指派", "分配 派单 分派"},
}

func TestChineseSaysTheProductsWords(t *testing.T) {
	t.Parallel()
	note := regexp.MustCompile(`(^|[^部])备注`)
	for key, text := range chinese(t) {
		for _, w := range words {
			// A refused word may be a part of the right one (待回复 of 待客户回复 is not, but 备注 of 内部备注 is).
			rest := strings.ReplaceAll(text, w.word, "")
			for _, refused := range strings.Fields(w.refused) {
				if strings.Contains(rest, refused) {
					t.Errorf("%s says %s: the word is %s", key, refused, w.word)
				}
			}
		}
		if note.MatchString(text) {
			t.Errorf("%s says 备注: the word is 内部备注", key)
		}
	}
}

func TestChineseUsesFullWidthPunctuation(t *testing.T) {
	t.Parallel()
	half := regexp.MustCompile(`\p{Han}[,;:!?()]|[,;:!?()]\p{Han}|\.\.\.|\p{Han}\.(\s|$)`)
	for key, text := range chinese(t) {
		if bad := half.FindString(text); bad != "" {
			t.Errorf("%s: %q needs full-width punctuation", key, bad)
		}
	}
}

func TestNoTextIsEmptyOrPadded(t *testing.T) {
	t.Parallel()
	b := embedded(t)
	for _, locale := range Locales() {
		for key, text := range flat(b.raw[locale]) {
			if text == "" || text != strings.TrimSpace(text) {
				t.Errorf("%s, %s: %q is empty or begins or ends with a space", locale, key, text)
			}
		}
	}
}

func chinese(t *testing.T) map[string]string { return flat(embedded(t).raw[Chinese]) }

// flat gives every text and plural form its own name.
func flat(raw map[string]any) map[string]string {
	texts := make(map[string]string, len(raw))
	for key, value := range raw {
		switch v := value.(type) {
		case string:
			texts[key] = v
		case map[string]string:
			for form, text := range v {
				texts[key+"["+form+"]"] = text
			}
		}
	}
	return texts
}
