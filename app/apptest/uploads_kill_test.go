package apptest_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"sync"
	"testing"
	"time"

	"huiyin/app/apptest"
)

// uploadsOne sends a file and gives its link once the desk has it.
func uploadsOne(base, session string, size int) (link string) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("file", "notes.txt") // a buffer takes everything
	_, _ = part.Write(bytes.Repeat([]byte("plain words. "), size/13))
	_ = form.Close()
	req, err := http.NewRequest(http.MethodPost, base+"/chat/v1/uploads", &body)
	if err != nil {
		return ""
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+session)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer res.Body.Close() //nolint:errcheck // read only
	var view struct{ URL string }
	if res.StatusCode != http.StatusCreated || json.NewDecoder(res.Body).Decode(&view) != nil {
		return ""
	}
	return view.URL
}

// Killed while files arrive, the desk has each that it said it has, whole. What it never noted nobody can ask for; the sweep
// takes it (app/files).
func TestAKillDuringUploadsLeavesWholeFilesOnly(t *testing.T) {
	t.Parallel()
	desk := apptest.NewProcess(t, "HUIYIN_LIMIT_SCALE=1000")
	desk.Start()
	key := desk.AddInbox("Shop", map[string]any{})
	session := call[struct{ Session string }](t, desk, "POST", "/chat/v1/sessions", "", map[string]any{"inbox": key, "locale": "en"}).Session
	var mu sync.Mutex
	var had []string
	var all sync.WaitGroup
	base := desk.Base()
	for range 6 {
		all.Go(func() {
			for range 4 {
				if link := uploadsOne(base, session, 4<<20); link != "" {
					mu.Lock()
					had = append(had, link)
					mu.Unlock()
				}
			}
		})
	}
	deadline := time.Now().Add(30 * time.Second)
	for n := 0; n < 3 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		mu.Lock()
		n = len(had)
		mu.Unlock()
	}
	desk.Kill()
	all.Wait()
	desk.Start()
	for _, link := range had {
		res, err := http.Get(desk.Base() + link)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		_, err = b.ReadFrom(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || b.Len() != 4<<20/13*13 {
			t.Errorf("a file that the desk had: %d, %d bytes, %v", res.StatusCode, b.Len(), err)
		}
	}
}
