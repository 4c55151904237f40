package shell

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/headwater-platform/headwater/internal/platform/fault"
)

//go:embed static
var static embed.FS

type asset struct {
	body []byte
	kind string
	tag  string // first bytes of the content's hash: part of the address
}

var assets = sync.OnceValue(func() map[string]asset {
	out := map[string]asset{}
	entries, err := fs.ReadDir(static, "static")
	if err != nil {
		panic(err) // embedded: it cannot be missing
	}
	for _, e := range entries {
		body, err := static.ReadFile("static/" + e.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		out[e.Name()] = asset{body, mime.TypeByExtension(path.Ext(e.Name())), hex.EncodeToString(sum[:6])}
	}
	return out
})

// Static is the address of one of our own files; it changes with the content,
// so that browsers may keep it for good.
func Static(name string) string { return "/static/" + assets()[name].tag + "/" + name }

// ServeStatic answers GET /static/{tag}/{name}.
func ServeStatic(w http.ResponseWriter, r *http.Request) error {
	a, ok := assets()[r.PathValue("name")]
	if !ok {
		return fault.Missing()
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("ETag", `"`+a.tag+`"`)
	if strings.Contains(r.Header.Get("If-None-Match"), a.tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	_, err := w.Write(a.body)
	return err
}
