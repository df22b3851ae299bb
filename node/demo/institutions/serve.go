package institutions

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"time"
)

// Handler serves the institution's directory below root as its web server would: manifest, data and,
// where it has one, the API that its files stand for. What stands before a source is not its part. Files are read anew for every request, so edits show at
// once. Answers carry ETag and Last-Modified and honour conditional requests.
func Handler(root string, inst Institution) http.Handler {
	site := site{dir: inst.Dir(root)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", site.file)
	switch inst.Standard + inst.source.Version {
	case "ooapi5":
		mux.Handle("GET "+five.root+"/", api{site, five})
	case "ooapi6":
		mux.Handle("GET "+six.root+"/", api{site, six})
	case "edu-api1.0":
		mux.Handle("GET "+eduRoot+"/", eduapi{site, inst.Domain})
	case "occapi2":
		mux.Handle("GET "+occRoot+inst.Domain+"/", occapi{site, inst.Domain})
		mux.Handle("GET "+occRoot+inst.Domain, occapi{site, inst.Domain})
	}
	return mux
}

// site is the directory of one institution.
type site struct{ dir string }

var mediaTypes = map[string]string{
	".ttl":    "text/turtle; charset=utf-8",
	".nt":     "application/n-triples",
	".rdf":    "application/rdf+xml",
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

// items reads a file that is a list.
func items[T any](s site, urlPath string) (list []T, changed time.Time, err error) {
	content, changed, err := s.read(urlPath)
	if err != nil {
		return nil, changed, err
	}
	return list, changed, json.Unmarshal(content, &list)
}

// failed tells a missing file from one that an edit broke.
func failed(w http.ResponseWriter, err error) {
	if _, missing := err.(*fs.PathError); missing {
		problem(w, http.StatusNotFound, "There is no such resource.")
		return
	}
	problem(w, http.StatusInternalServerError, "The file behind this resource cannot be read: "+err.Error())
}

func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // the client is gone when this fails
		"status": strconv.Itoa(status), "title": http.StatusText(status), "detail": detail,
	})
}

// send serves a value as JSON.
func send(w http.ResponseWriter, r *http.Request, media string, v any, changed time.Time) {
	content, err := json.Marshal(v)
	if err != nil {
		failed(w, err)
		return
	}
	serve(w, r, media, content, changed)
}

func serve(w http.ResponseWriter, r *http.Request, media string, content []byte, changed time.Time) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(content)))
	http.ServeContent(w, r, "", changed, bytes.NewReader(content))
}
