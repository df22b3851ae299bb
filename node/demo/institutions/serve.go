package institutions

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"strings"
	"time"
)

// Handler serves the institution's directory below root as its web server would: manifest, data and,
// where it has one, its Open Education API. Files are read anew for every request, so edits show at
// once. Answers carry ETag and Last-Modified and honour conditional requests.
func Handler(root string, inst Institution) http.Handler {
	site := site{dir: inst.Dir(root)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", site.file)
	if inst.Standard == "ooapi" {
		mux.Handle("GET "+apiRoot+"/", api{site})
	}
	return mux
}

// site is the directory of one institution.
type site struct{ dir string }

var mediaTypes = map[string]string{
	".ttl":    "text/turtle; charset=utf-8",
	".nt":     "application/n-triples",
	".jsonld": "application/ld+json",
	".json":   "application/json",
	".yaml":   "application/yaml",
	".html":   "text/html; charset=utf-8",
	"":        "application/json", // the manifest without an extension
}

func (s site) file(w http.ResponseWriter, r *http.Request) {
	content, changed, err := s.read(r.URL.Path)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	media, known := mediaTypes[path.Ext(r.URL.Path)]
	if !known {
		media = "application/octet-stream"
	}
	serve(w, r, media, content, changed)
}

// read reads a file of the directory; os.Root keeps the path inside it.
func (s site) read(urlPath string) (content []byte, changed time.Time, err error) {
	dir, err := os.OpenRoot(s.dir)
	if err != nil {
		return nil, changed, err
	}
	defer dir.Close()
	f, err := dir.Open(strings.TrimPrefix(path.Clean(urlPath), "/"))
	if err != nil {
		return nil, changed, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, changed, err
	}
	content, err = io.ReadAll(f)
	return content, info.ModTime(), err
}

func serve(w http.ResponseWriter, r *http.Request, media string, content []byte, changed time.Time) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(content)))
	http.ServeContent(w, r, "", changed, bytes.NewReader(content))
}
