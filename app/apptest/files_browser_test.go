package apptest_test

import (
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"huiyin/app/apptest"
)

// photo writes a picture that a browser makes smaller, and gives its path.
func photo(t *testing.T, name string, w, h int) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.RGBA{uint8(x * 255 / w), uint8(y * 255 / h), uint8(x*y*7 + x*x), 255})
		}
	}
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // Encode tells
	if err := jpeg.Encode(f, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return path
}

const pictureLoaded = `[...document.querySelectorAll("a.picture img")].filter(i => i.complete && i.naturalWidth > 0).length >= %d`

// viewerFits says that the whole picture and the way out stand within the screen.
const viewerFits = `(() => {
	const box = document.querySelector("#viewer").getBoundingClientRect();
	return ["img", "footer button"].every(what => {
		const it = document.querySelector("#viewer " + what).getBoundingClientRect();
		return it.left >= box.left && it.right <= box.right && it.top >= box.top && it.bottom <= Math.min(box.bottom, innerHeight);
	}) && box.right <= innerWidth;
})()`

// A shopper's picture reaches the agent and an agent's the shopper, without a reload, and both can look at it large.
func TestPicturesGoBothWays(t *testing.T) {
	t.Parallel()
	s, _ := newScene(t)
	looks := []struct {
		name          string
		shopper, desk apptest.Look
		ask           string
	}{
		{"zh, phone", apptest.Look{Locale: "zh-CN", Width: 360, Height: 740}, apptest.Look{Locale: "zh-CN"}, "就是这里漏水"},
		{"en, desktop, dark", apptest.Look{Locale: "en", Dark: true}, apptest.Look{Locale: "en", Width: 360, Height: 740, Dark: true}, "It leaks right here"},
	}
	for i, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			b := apptest.StartBrowser(t, t.TempDir(), look.shopper.Locale)
			console := s.signIn(b, look.desk)
			page, chat := s.visit(b, look.shopper)
			chat.Choose("#pick", photo(t, "leak.jpg", 2400, 1200))
			chat.WaitFor(`document.querySelector("#tray .chip .note")?.textContent.match(/[KM]B$/)`)
			chat.Axe("widget with a file to send")
			page.Shot(fmt.Sprintf("files-%d-tray", i))
			chat.Type("#text", look.ask+"\r")
			chat.WaitText(look.ask)
			chat.WaitFor(fmt.Sprintf(pictureLoaded, 1))
			console.WaitText(look.ask)
			console.Run(fmt.Sprintf(`[...document.querySelectorAll(".row")].find(r => r.innerText.includes(%q)).click()`, look.ask))
			console.WaitFor(fmt.Sprintf(pictureLoaded, 1))
			if wide := apptest.Eval[int](console, `document.querySelector("a.picture img").width / document.querySelector("a.picture img").height >= 1.9 ? 1 : 0`); wide != 1 {
				t.Error("the picture has lost its shape")
			}
			console.Click("a.picture")
			console.WaitFor(`document.querySelector("#viewer").open && document.querySelector("#viewer img").naturalWidth === 2048`)
			console.WaitFor(viewerFits)
			console.Shot(fmt.Sprintf("files-%d-viewer", i))
			console.Axe("console with a picture over it")
			console.Run(`document.querySelector("#viewer").close()`)

			console.Choose("[data-attach]", photo(t, "answer.jpg", 300, 500))
			console.WaitFor(`document.querySelector("file-tray .chip img")`)
			console.Click(".composer button.primary")
			console.WaitFor(fmt.Sprintf(pictureLoaded, 2))
			chat.WaitFor(fmt.Sprintf(pictureLoaded, 2))
			console.Axe("console with pictures")
			chat.Axe("widget with pictures")
			page.Shot(fmt.Sprintf("files-%d-shop", i))
			console.Shot(fmt.Sprintf("files-%d-console", i))
			chat.Run(`document.querySelector(".theirs a.picture").click()`)
			chat.WaitFor(`!document.querySelector("#viewer").hidden`)
			chat.Axe("widget with a picture over it")
			page.Shot(fmt.Sprintf("files-%d-shop-viewer", i))
		})
	}
}
