package static_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"huiyin/static"
)

func load(t *testing.T) *static.Assets {
	t.Helper()
	assets, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	return assets
}

func get(assets *static.Assets, path, encoding string) *httptest.ResponseRecorder {
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	assets.ServeHTTP(w, r)
	return w
}

func TestHashedNamesAreKeptForEver(t *testing.T) {
	t.Parallel()
	assets := load(t)
	url, err := assets.URL("css/base.css")
	if err != nil {
		t.Fatal(err)
	}
	hashed, plain := get(assets, url, ""), get(assets, "/static/css/base.css", "")
	if got := hashed.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("hashed: %s", got)
	}
	if got := plain.Header().Get("Cache-Control"); !strings.Contains(got, "no-cache") {
		t.Errorf("plain: %s", got)
	}
	if hashed.Body.String() != plain.Body.String() || hashed.Body.Len() == 0 {
		t.Error("the two names give different contents")
	}
	if got := hashed.Header().Get("Content-Type"); got != "text/css; charset=utf-8" {
		t.Errorf("content type %s", got)
	}
}

func TestAssetsComeCompressedToWhoAsks(t *testing.T) {
	t.Parallel()
	assets := load(t)
	zipped := get(assets, "/static/css/thread.css", "gzip, br")
	if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("headers %v", zipped.Header())
	}
	if plain := get(assets, "/static/css/thread.css", ""); plain.Body.Len() <= zipped.Body.Len() {
		t.Errorf("%d bytes compressed, %d plain", zipped.Body.Len(), plain.Body.Len())
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	assets := load(t)
	for _, path := range []string{"/static/", "/static/css", "/static/css/absent.css", "/static/css/base.00000000.css", "/static/../static.go", "/static/static.go"} {
		if got := get(assets, path, "").Code; got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
	}
	if _, err := assets.URL("css/absent.css"); err == nil {
		t.Error("a file that does not exist has an address")
	}
}

func TestImportMapLeadsEveryModuleToItsHash(t *testing.T) {
	t.Parallel()
	assets := load(t)
	tag, err := assets.ImportMap("js", `n"<`)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(tag), `<script type="importmap" nonce="n&#34;&lt;">{"imports":{`) {
		t.Errorf("got %.80s", tag)
	}
	for _, name := range assets.Names("js") {
		url, err := assets.URL(name)
		if err != nil || !strings.Contains(string(tag), `"/static/`+name+`":"`+url+`"`) {
			t.Errorf("%s is not in the map: %v", name, err)
		}
	}
}
