package apptest

import (
	"context"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Compose writes with an input method where the focus is: the letters stand in the box, underlined, and are not taken
// in yet.
func (p *Page) Compose(letters string) {
	p.t.Helper()
	p.do("compose "+letters, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		n := int64(len([]rune(letters)))
		_, err := chromedp.Call(ctx, input.ImeSetComposition, input.ImeSetCompositionParams{Text: letters, SelectionStart: n, SelectionEnd: n})
		return err
	}))
}

// Ctrl is the Ctrl key held down.
const Ctrl = 2

// keyCodes are the numbers of keys that have no letter.
var keyCodes = map[string]int64{"Enter": 13, "Escape": 27, "/": 191, "?": 191}

// Key presses one key as a keyboard does: a page that takes the key for itself keeps its letter out of the box.
func (p *Page) Key(key string, modifiers ...int64) {
	p.t.Helper()
	code, ok := keyCodes[key]
	if !ok {
		code = int64(strings.ToUpper(key)[0])
	}
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: key, WindowsVirtualKeyCode: code}
	if key == "Enter" {
		down.Type, down.Text = input.DispatchKeyEventTypeKeyDown, "\r"
	}
	for _, m := range modifiers {
		down.Modifiers |= m
	}
	up := down
	up.Type, up.Text = input.DispatchKeyEventTypeKeyUp, ""
	p.do("press "+key, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for _, event := range []input.DispatchKeyEventParams{down, up} {
			if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, event); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Insert takes text in as an input method does when its word is chosen.
func (p *Page) Insert(text string) {
	p.t.Helper()
	p.do("insert "+text, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// Before runs a script in every document that the tab loads from now on, before the document's own.
func (p *Page) Before(script string) {
	p.t.Helper()
	p.do("prepare the documents", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
}

// Touch taps a place of the page as a finger does.
func (p *Page) Touch(x, y float64) {
	p.t.Helper()
	p.do("tap", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true}); err != nil {
			return err
		}
		begin := input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{{X: x, Y: y}}}
		end := input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}}
		for _, event := range []input.DispatchTouchEventParams{begin, end} {
			if _, err := chromedp.Call(ctx, input.DispatchTouchEvent, event); err != nil {
				return err
			}
		}
		return nil
	}))
}
