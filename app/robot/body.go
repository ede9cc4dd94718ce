package robot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The lengths that are sent at most, in bytes of UTF-8, within what the vendors take.
const (
	wecomText = 2000 // of 2048
	mostText  = 4000
	mostTitle = 200
)

type object = map[string]any

// wecomBody is a plain text: a group member who reads in WeChat itself is shown no Markdown.
func wecomBody(m Message) any {
	link := m.Link
	if m.Link != "" && m.LinkText != "" {
		link = title(m.LinkText) + " " + m.Link
	}
	head := title(m.Title)
	text := cut(plain(m.Text), max(0, wecomText-len(head)-len(link)-2))
	return object{"msgtype": "text", "text": object{"content": lines(head, text, link)}}
}

// dingtalkBody is Markdown, whose title shows in the list of chats; it calls nobody.
func dingtalkBody(m Message) any {
	head := title(m.Title)
	parts := []string{"#### " + markdown(head), markdown(cut(plain(m.Text), mostText))}
	if m.Link != "" {
		parts = append(parts, "["+markdown(linkText(m))+"]("+strings.NewReplacer("(", "%28", ")", "%29", " ", "%20").Replace(m.Link)+")")
	}
	return object{
		"msgtype": "markdown", "markdown": object{"title": head, "text": strings.Join(parts, "\n\n")},
		"at": object{"isAtAll": false, "atMobiles": []string{}, "atUserIds": []string{}},
	}
}

// feishuBody is rich text of elements, in which a text is nothing but text.
func feishuBody(m Message) any {
	content := [][]object{}
	for line := range strings.SplitSeq(cut(plain(m.Text), mostText), "\n") {
		content = append(content, []object{{"tag": "text", "text": line}})
	}
	if m.Link != "" {
		content = append(content, []object{{"tag": "a", "text": linkText(m), "href": m.Link}})
	}
	return object{"msg_type": "post", "content": object{"post": object{"zh_cn": object{"title": title(m.Title), "content": content}}}}
}

// dingtalkSign puts milliseconds and signature into the address.
func dingtalkSign(at time.Time, secret string, u *url.URL, body any) any {
	stamp := strconv.FormatInt(at.UnixMilli(), 10)
	q := u.Query()
	q.Set("timestamp", stamp)
	q.Set("sign", hmac64(secret, stamp+"\n"+secret))
	u.RawQuery = q.Encode()
	return body
}

// feishuSign puts seconds and signature into the body. What is signed is nothing; stamp and secret are the key.
func feishuSign(at time.Time, secret string, _ *url.URL, body any) any {
	stamp := strconv.FormatInt(at.Unix(), 10)
	signed := body.(object)
	signed["timestamp"], signed["sign"] = stamp, hmac64(stamp+"\n"+secret, "")
	return signed
}

func hmac64(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// title is a text in one short line.
func title(text string) string { return cut(strings.Join(strings.Fields(plain(text)), " "), mostTitle) }

func linkText(m Message) string {
	if m.LinkText == "" {
		return m.Link
	}
	return title(m.LinkText)
}

// plain takes the marks by which a text calls people (@all, <@id>, <at …>) and what no chat shows.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || (unicode.Is(unicode.Cf, r) && r != zeroJoiner)) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.NewReplacer("@", "＠", "<", "＜", ">", "＞").Replace(text)
}

// markdown takes what Markdown would read as more than text.
func markdown(text string) string {
	text = strings.NewReplacer("[", "［", "]", "］", "*", "＊", "_", "＿", "`", "｀", "~", "～", "\\", "＼", "!", "！", "\n", "  \n").Replace(text)
	if strings.HasPrefix(text, "#") {
		text = "＃" + text[1:]
	}
	return strings.ReplaceAll(text, "\n#", "\n＃")
}

// cut shortens a text to so many bytes, between two characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	most = max(0, most-len("…"))
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}

// zeroJoiner makes one picture of several emoji.
const zeroJoiner = 0x200D

func lines(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "\n")
}
