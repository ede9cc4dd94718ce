package oldtexts

// Field is what a column of a file may hold.
type Field string

// The fields of a file. The first is needed.
const (
	FieldText     Field = "text"
	FieldTime     Field = "time"
	FieldSession  Field = "session"
	FieldSpeaker  Field = "speaker"
	FieldChannel  Field = "channel"
	FieldOrder    Field = "order"
	FieldSKU      Field = "sku"
	FieldCustomer Field = "customer"
	FieldRating   Field = "rating"
	FieldTags     Field = "tags"
)

// Fields lists them all, in the order of a form.
func Fields() []Field {
	return []Field{FieldText, FieldTime, FieldSession, FieldSpeaker, FieldChannel, FieldOrder, FieldSKU, FieldCustomer, FieldRating, FieldTags}
}

// Preset is a program whose exports are known.
type Preset struct {
	Name    string
	channel string // of its lines, where no column says it
	names   map[Field][]string
}

// Own is the preset of any other file.
const Own = "own"

// Presets are the programs, as a form lists them. What they call their columns comes before what others do.
func Presets() []Preset {
	return []Preset{
		{"qiyu", chat, map[Field][]string{
			FieldText: {"消息内容", "访客消息", "会话内容"}, FieldTime: {"消息时间", "发送时间", "会话开始时间", "访客进入时间"}, FieldSession: {"会话id", "会话编号"},
			FieldSpeaker: {"消息发送方", "发送方", "发送者", "角色"}, FieldCustomer: {"访客id", "用户id", "crmid"}, FieldRating: {"满意度评价", "满意度"}, FieldTags: {"咨询分类", "会话分类"},
		}},
		{"meiqia", chat, map[Field][]string{
			FieldText: {"消息内容", "对话内容"}, FieldTime: {"消息时间", "发送时间", "对话开始时间", "开始时间"}, FieldSession: {"对话id", "对话编号"},
			FieldSpeaker: {"消息来源", "发送人", "发送者"}, FieldCustomer: {"顾客id", "访客id", "顾客编号"}, FieldRating: {"对话评价", "评价"}, FieldTags: {"对话标签", "顾客标签"},
		}},
		{"qianniu", review, map[Field][]string{
			FieldText: {"评价内容", "买家评价", "评论内容", "聊天内容", "消息内容"}, FieldTime: {"评价时间", "消息时间", "聊天时间"}, FieldSession: {"会话id", "买家旺旺"},
			FieldSpeaker: {"发送方", "发言人", "发送人"}, FieldCustomer: {"买家昵称", "买家会员名", "评价人"}, FieldOrder: {"订单编号", "主订单编号"}, FieldRating: {"评价结果", "评价等级", "评分"},
		}},
		{"youzan", review, map[Field][]string{
			FieldText: {"评价内容", "消息内容", "售后原因"}, FieldTime: {"评价时间", "消息时间", "发送时间"}, FieldSession: {"会话id", "会话编号"}, FieldSpeaker: {"发送方", "发送人"},
			FieldCustomer: {"买家昵称", "客户id", "粉丝id"}, FieldOrder: {"订单号", "订单编号"}, FieldRating: {"评价星级", "描述相符", "评分"},
		}},
		{Name: Own, channel: review},
	}
}

func presetOf(name string) (Preset, bool) {
	for _, p := range Presets() {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}

// headers are the names by which files call their columns, in the form of sheet.Guess, the surest of a field first.
var headers = map[Field][]string{
	FieldText: {
		"评价内容", "评论内容", "消息内容", "聊天内容", "对话内容", "会话内容", "工单内容", "问题描述", "反馈内容", "留言内容", "内容", "正文", "评价", "评论", "描述",
		"text", "body", "content", "message", "comment", "review", "reviewtext", "description", "feedback",
	},
	FieldTime: {
		"评价时间", "评论时间", "消息时间", "发送时间", "聊天时间", "反馈时间", "创建时间", "提交时间", "开始时间", "时间", "日期",
		"at", "time", "date", "createdat", "sentat", "timestamp", "datetime", "reviewdate",
	},
	FieldSession: {"会话id", "会话编号", "对话id", "对话编号", "会话", "聊天id", "工单编号", "工单id", "sessionid", "session", "conversationid", "conversation", "chatid", "threadid", "ticketid"},
	FieldSpeaker: {"发送方", "发送者", "发送人", "发言人", "说话人", "角色", "消息来源", "speaker", "sender", "from", "role", "author", "authortype", "sendertype"},
	FieldChannel: {"渠道", "来源渠道", "渠道来源", "来源", "channel", "source"},
	FieldOrder:   {"订单编号", "订单号", "主订单编号", "ordernumber", "orderno", "orderid", "order"},
	FieldSKU:     {"商家编码", "规格编码", "商品编码", "商品id", "商品编号", "货号", "sku编码", "sku", "productid", "productcode"},
	FieldCustomer: {
		"客户id", "用户id", "访客id", "顾客id", "买家id", "买家昵称", "买家会员名", "会员名", "客户", "用户", "买家", "访客", "customerid", "customer", "userid", "user", "buyer", "visitorid",
	},
	FieldRating: {"评价星级", "星级", "评分", "满意度", "评价等级", "评价结果", "打分", "rating", "stars", "score", "csat"},
	FieldTags:   {"标签", "分类", "问题分类", "问题类型", "tags", "tag", "category", "labels"},
}

// columns are what a preset's columns are called, its own names first.
func (p Preset) columns() map[Field][]string {
	out := map[Field][]string{}
	for f, names := range headers {
		out[f] = append(append([]string(nil), p.names[f]...), names...)
	}
	return out
}
