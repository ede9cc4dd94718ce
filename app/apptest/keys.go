package apptest

import (
	"context"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
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
var keyCodes = map[string]int64{"Enter": 13, "Escape": 27, "/": 191, "?": 191, "Tab": 9, "ArrowUp": 38, "ArrowDown": 40, "ArrowLeft": 37, "ArrowRight": 39}

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

// TouchFile taps a place that opens the dialog for files, and chooses some there.
func (p *Page) TouchFile(x, y float64, files ...string) {
	p.t.Helper()
	opened := make(chan cdp.BackendNodeID, 1)
	listening, stop := context.WithCancel(p.ctx)
	defer stop()
	intercept := func(on bool) {
		p.do("keep the dialog for files from the screen", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, page.SetInterceptFileChooserDialog, page.SetInterceptFileChooserDialogParams{Enabled: on})
			return err
		}))
	}
	err := chromedp.Listen(listening, func(event any) {
		if e, ok := event.(*page.EventFileChooserOpened); ok {
			select {
			case opened <- e.BackendNodeID:
			default:
			}
		}
	})
	if err != nil {
		p.t.Fatal(err)
	}
	intercept(true)
	p.Touch(x, y)
	select {
	case field := <-opened:
		p.do("choose files", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: files, BackendNodeID: field})
			return err
		}))
	case <-time.After(browserPatience):
		p.t.Fatalf("no dialog for files opens\n%s", p.shotAfterFailure())
	}
	intercept(false)
}

// Scripts lets the pages' own scripts run or not, from the next document on.
func (p *Page) Scripts(run bool) {
	p.t.Helper()
	p.do("switch the scripts", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !run})
		return err
	}))
}

// Drag drags one element to the middle of another with the mouse, in several steps.
func (p *Page) Drag(from, to string) {
	p.t.Helper()
	middle := func(css string) []float64 {
		return Eval[[]float64](p, "(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector("+quoteJS(css)+").getBoundingClientRect())")
	}
	Eval[bool](p, "(document.querySelector("+quoteJS(to)+").scrollIntoView({block: 'center'}), true)")
	a, b := middle(from), middle(to)
	p.do("drag "+from, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		mouse := func(kind input.DispatchMouseEventType, x, y float64, buttons int64) error {
			_, err := chromedp.Call(ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{
				Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, Buttons: buttons, ClickCount: 1,
			})
			return err
		}
		if err := mouse(input.DispatchMouseEventTypeMousePressed, a[0], a[1], 1); err != nil {
			return err
		}
		const steps = 6
		for i := 1.0; i <= steps; i++ {
			if err := mouse(input.DispatchMouseEventTypeMouseMoved, a[0]+(b[0]-a[0])*i/steps, a[1]+(b[1]-a[1])*i/steps, 1); err != nil {
				return err
			}
		}
		return mouse(input.DispatchMouseEventTypeMouseReleased, b[0], b[1], 0)
	}))
}
