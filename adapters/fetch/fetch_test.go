package fetch_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/coursemesh/coursemesh/adapters/fetch"
)

func TestNewRefusesBadConfiguration(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for key, config := range map[string]fetch.Config{
		"fetch.allow_cidrs": {AllowCIDRs: []string{"10.0.0.0/33"}},
		"fetch.hosts":       {Hosts: map[string]string{"uni.example": "127.0.0.1:0"}},
		"fetch.hosts: ":     {Hosts: map[string]string{"uni.example/x": "127.0.0.1:80"}},
		"fetch.resolver":    {Resolver: "dns.example:53"},
		"fetch.ca_files":    {CAFiles: []string{"/does/not/exist"}},
		"fetch.ca_files: ":  {CAFiles: []string{empty}},
		"fetch.proxy":       {Proxy: "socks5://127.0.0.1:1"},
		"fetch.contact":     {Contact: "a\r\nb"},
	} {
		if _, err := fetch.New(config); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestParseHosts(t *testing.T) {
	t.Parallel()
	got, err := fetch.ParseHosts(" a.example=127.0.0.1:8081, b.example = https://127.0.0.1:8443 ,")
	if diff := cmp.Diff(map[string]string{"a.example": "127.0.0.1:8081", "b.example": "https://127.0.0.1:8443"}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	for _, text := range []string{"a.example", "a.example=", "=127.0.0.1:1", "a=ftp://b", "a=http://b/c", "a=http://u@b", "a=b:99999", "a b=c:1"} {
		if _, err := fetch.ParseHosts(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
	if got, err := fetch.ParseHosts(""); len(got) != 0 || err != nil {
		t.Error(got, err)
	}
}

func TestRequestAsSent(t *testing.T) {
	t.Parallel()
	var seen *http.Request
	s := serve(t, outside, func(w http.ResponseWriter, r *http.Request) {
		seen = r
		w.Header().Set("ETag", `"2"`)
		_, _ = io.WriteString(w, "hello")
	})
	response, body, err := get(t, client(t, nil), fetch.Request{
		URL: s.URL + "/a?b=c#d", ETag: `"1"`, LastModified: "Sat, 01 Jan 2000 00:00:00 GMT",
		Header: http.Header{"X-Key": {"k"}, "Host": {"evil.example"}, "User-Agent": {"other"}, "Accept-Encoding": {"br"}},
	})
	if err != nil || body != "hello" || response.Status != 200 || response.URL != s.URL+"/a?b=c" || response.CountsAsHTTPS {
		t.Errorf("%+v %q %v", response, body, err)
	}
	if response.Header.Get("ETag") != `"2"` {
		t.Error("the ETag is lost")
	}
	want := http.Header{
		"X-Key": {"k"}, "User-Agent": {"coursemesh/1.2.3 (+https://node.example/)"}, "Accept-Encoding": {"gzip, zstd"},
		"If-None-Match": {`"1"`}, "If-Modified-Since": {"Sat, 01 Jan 2000 00:00:00 GMT"},
	}
	if diff := cmp.Diff(want, seen.Header); diff != "" || seen.Host != s.Listener.Addr().String() {
		t.Error(seen.Host, diff)
	}
}

func TestNotModified(t *testing.T) {
	t.Parallel()
	s := serve(t, outside, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(http.StatusNotModified)
	})
	response, body, err := get(t, client(t, nil), fetch.Request{URL: s.URL, ETag: `"1"`})
	if err != nil || response.Status != http.StatusNotModified || body != "" {
		t.Errorf("%+v %q %v", response, body, err)
	}
}

func TestHostsMapsToPlainHTTP(t *testing.T) {
	t.Parallel()
	s := serve(t, inside, func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%s %v", r.Host, r.TLS != nil) })
	c := client(t, func(config *fetch.Config) {
		config.Hosts = map[string]string{"uni.example": s.Listener.Addr().String(), "münchen.example": s.Listener.Addr().String()}
	})
	for url, want := range map[string]string{
		"https://uni.example/x":                          "uni.example false",
		"http://uni.example/":                            "uni.example false",
		"https://UNI.example./":                          "uni.example false",
		"https://uni.example:443/":                       "uni.example false",
		"https://münchen.example/":                       "xn--mnchen-3ya.example false",
		strings.Replace(s.URL, inside, "uni.example", 1): "uni.example:" + s.URL[strings.LastIndexByte(s.URL, ':')+1:] + " false",
	} {
		response, body, err := get(t, c, fetch.Request{URL: url})
		if err != nil || body != want || !response.CountsAsHTTPS {
			t.Errorf("%s: %q %v, want %q", url, body, err, want)
		}
	}
	for _, url := range []string{s.URL, "https://uni.example:9/", "https://www.uni.example/"} {
		if _, _, err := get(t, c, fetch.Request{URL: url}); err == nil {
			t.Errorf("%s was reached", url)
		}
	}
}

func TestHostsMapsToHTTPS(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host, " ", r.TLS.ServerName) }))
	t.Cleanup(s.Close)
	hosts := map[string]string{"example.com": "https://" + s.Listener.Addr().String(), "other.example": "https://" + s.Listener.Addr().String()}
	trusting := client(t, func(config *fetch.Config) { config.Hosts, config.CAFiles = hosts, []string{certificateFile(t, s)} })
	response, body, err := get(t, trusting, fetch.Request{URL: "https://example.com/"})
	if err != nil || body != "example.com example.com" || !response.CountsAsHTTPS {
		t.Errorf("%q %v", body, err)
	}
	if _, _, err := get(t, trusting, fetch.Request{URL: "https://other.example/"}); err == nil || !strings.Contains(err.Error(), "certificate is valid for") {
		t.Errorf("a certificate for another name: %v", err)
	}
	wary := client(t, func(config *fetch.Config) { config.Hosts = hosts })
	if _, _, err := get(t, wary, fetch.Request{URL: "https://example.com/"}); err == nil {
		t.Error("an unknown authority is trusted")
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	s := serve(t, outside, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/post":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/303":
			http.Redirect(w, r, "/echo", http.StatusSeeOther)
		case "/307":
			http.Redirect(w, r, "/echo", http.StatusTemporaryRedirect)
		case "/echo":
			fmt.Fprintf(w, "%s %s %s", r.Method, body, r.Header.Get("Content-Type"))
		case "/big":
			w.Header().Set("Content-Length", "99999999999")
		}
	})
	c := client(t, nil)
	post := func(path string) fetch.Request {
		return fetch.Request{Method: http.MethodPost, URL: s.URL + path, Body: []byte("a=b"), Header: http.Header{"Content-Type": {"text/x"}}}
	}
	if response, _, err := get(t, c, post("/post")); err != nil || response.Status != 503 || calls.Load() != 1 {
		t.Errorf("a POST was sent %d times, %v", calls.Load(), err)
	}
	for path, want := range map[string]string{"/echo": "POST a=b text/x", "/303": "GET  ", "/307": "POST a=b text/x"} {
		if _, body, err := get(t, c, post(path)); err != nil || body != want {
			t.Errorf("%s: %q %v", path, body, err)
		}
	}
	if response, _, err := get(t, c, fetch.Request{Method: http.MethodHead, URL: s.URL + "/big"}); err != nil || response.Status != 200 {
		t.Errorf("HEAD of a big file: %v", err)
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	s := serve(t, outside, func(w http.ResponseWriter, r *http.Request) {
		n := calls.Add(1)
		w.Header().Set("Retry-After", r.URL.Query().Get("after"))
		switch r.URL.Path {
		case "/twice":
			if n <= 2 {
				w.WriteHeader(http.StatusTooManyRequests)
			}
		case "/always":
			w.WriteHeader(http.StatusBadGateway)
		case "/never":
			w.WriteHeader(http.StatusNotImplemented)
		case "/cut":
			if n == 1 {
				w.Header().Set("Content-Length", "10")
				_, _ = io.WriteString(w, "abc")
				panic(http.ErrAbortHandler)
			}
		}
		_, _ = io.WriteString(w, "body")
	})
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	c := client(t, nil)
	for _, k := range []struct {
		path   string
		once   bool
		status int
		calls  int64
	}{
		{"/twice?after=0", false, 200, 3},
		{"/twice?after=0", true, 429, 1},
		{"/twice?after=" + strings.ReplaceAll(http.TimeFormat, " ", "%20"), false, 200, 3}, // a date long past
		{"/always?after=0", false, 502, 4},
		{"/always?after=61", false, 502, 1},
		{"/always?after=Fri,%2001%20Jan%202100%2000:00:00%20GMT", false, 502, 1},
		{"/never?after=0", false, 501, 1},
		{"/cut", false, 200, 2},
	} {
		calls.Store(0)
		response, body, err := get(t, c, fetch.Request{URL: s.URL + k.path, NoRetry: k.once})
		if err != nil || response.Status != k.status || calls.Load() != k.calls || body != "body" {
			t.Errorf("%s: %+v after %d calls, %q %v", k.path, response, calls.Load(), body, err)
		}
	}
}

// crowd sends 12 requests at once to two host names on one server, and says how long they took and how many the
// server saw at a time.
func crowd(t *testing.T, p fetch.Politeness) (took time.Duration, most int64) {
	t.Helper()
	var now, peak atomic.Int64
	s := serve(t, inside, func(http.ResponseWriter, *http.Request) {
		n := now.Add(1)
		for old := peak.Load(); n > old && !peak.CompareAndSwap(old, n); old = peak.Load() {
		}
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
	})
	c := client(t, func(config *fetch.Config) {
		config.Hosts = map[string]string{"a.example": s.Listener.Addr().String(), "b.example": s.Listener.Addr().String()}
		config.Politeness = p
	})
	start := time.Now()
	var wait sync.WaitGroup
	for i := range 12 {
		wait.Go(func() {
			response, err := c.Do(t.Context(), fetch.Request{URL: "https://" + []string{"a", "b"}[i%2] + ".example/"})
			if err != nil {
				t.Error(err)
				return
			}
			_ = response.Body.Close()
		})
	}
	wait.Wait()
	return time.Since(start), peak.Load()
}

func TestPaceInAll(t *testing.T) {
	t.Parallel()
	// The default of 20 a second leaves 11 gaps of 50 ms.
	if took, _ := crowd(t, fetch.Politeness{PerHost: -1}); took < 500*time.Millisecond {
		t.Errorf("12 requests in %v", took)
	}
}

func TestConnectionsPerHost(t *testing.T) {
	t.Parallel()
	if _, most := crowd(t, fetch.Politeness{PerHost: -1, Overall: -1}); most > 2 {
		t.Errorf("%d requests at a time to two hosts", most)
	}
	if _, most := crowd(t, fetch.Politeness{PerHost: -1, Overall: -1, Connections: 6}); most < 3 {
		t.Errorf("only %d requests at a time, although 6 are allowed to each host", most)
	}
}

func TestDefaultPaceIsOneASecond(t *testing.T) {
	t.Parallel()
	s := serve(t, outside, func(http.ResponseWriter, *http.Request) {})
	c := client(t, func(config *fetch.Config) { config.Politeness = fetch.Politeness{} })
	start := time.Now()
	for range 2 {
		if _, _, err := get(t, c, fetch.Request{URL: s.URL}); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took < 900*time.Millisecond {
		t.Errorf("two requests in %v", took)
	}
}

// A reader may ask the same host again while it works on an answer, although one connection is the rule.
func TestNestedRequests(t *testing.T) {
	t.Parallel()
	s := serve(t, outside, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) })
	c := client(t, func(config *fetch.Config) { config.Politeness.Connections = 1 })
	outer, err := c.Do(t.Context(), fetch.Request{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = outer.Body.Close() }()
	if _, body, err := get(t, c, fetch.Request{URL: s.URL}); err != nil || len(body) != 1<<20 {
		t.Error(len(body), err)
	}
	if rest, err := io.ReadAll(outer.Body); err != nil || len(rest) != 1<<20 {
		t.Error(len(rest), err)
	}
}

func TestDecompression(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a course on many things; ", 1000)
	var zipped, zstded bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	e, err := zstd.NewWriter(&zstded)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(e, text)
	_ = e.Close()
	bodies := map[string][]byte{"gzip": zipped.Bytes(), "x-gzip": zipped.Bytes(), "zstd": zstded.Bytes(), "identity": []byte(text), "": []byte(text)}
	s := serve(t, outside, func(w http.ResponseWriter, r *http.Request) {
		encoding := r.URL.Query().Get("e")
		w.Header().Set("Content-Encoding", encoding)
		if body, ok := bodies[encoding]; ok {
			_, _ = w.Write(body)
		} else {
			_, _ = io.WriteString(w, "whatever")
		}
	})
	c := client(t, nil)
	for encoding := range bodies {
		response, body, err := get(t, c, fetch.Request{URL: s.URL + "?e=" + encoding})
		if err != nil || body != text {
			t.Errorf("%q: %d bytes, %v", encoding, len(body), err)
		} else if encoding == "gzip" && response.Header.Get("Content-Encoding") != "" {
			t.Error("the header still says gzip")
		}
	}
	if _, _, err := get(t, c, fetch.Request{URL: s.URL + "?e=br"}); !errors.Is(err, fetch.ErrRefused) {
		t.Errorf("br: %v", err)
	}
	bodies["gzip"] = []byte("not gzip at all")
	if _, _, err := get(t, c, fetch.Request{URL: s.URL + "?e=gzip"}); err == nil {
		t.Error("broken gzip is read")
	}
	bodies["gzip"] = nil
	if _, body, err := get(t, c, fetch.Request{URL: s.URL + "?e=gzip"}); err != nil || body != "" {
		t.Errorf("an empty body: %q %v", body, err)
	}
}

func TestMaxBytes(t *testing.T) {
	t.Parallel()
	s := serve(t, outside, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/chunked" {
			w.(http.Flusher).Flush()
		}
		_, _ = w.Write(make([]byte, 1000))
	})
	c := client(t, nil)
	for _, path := range []string{"/", "/chunked"} {
		if _, body, err := get(t, c, fetch.Request{URL: s.URL + path, MaxBytes: 1000}); err != nil || len(body) != 1000 {
			t.Errorf("%s: %d bytes at the limit, %v", path, len(body), err)
		}
		if response, body, err := get(t, c, fetch.Request{URL: s.URL + path, MaxBytes: 999}); !errors.Is(err, fetch.ErrRefused) || len(body) > 999 || response.Status != 200 {
			t.Errorf("%s: %d bytes over the limit, %v", path, len(body), err)
		}
	}
}

// Neither errors nor the log show queries, user names or header values.
func TestNoSecretsInMessages(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	s := serve(t, outside, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/down":
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(503)
		case "/away":
			http.Redirect(w, r, "http://10.0.0.1/x?token="+secret, http.StatusFound)
		case "/user":
			http.Redirect(w, r, "http://u:"+secret+"@10.0.0.1/", http.StatusFound)
		case "/odd":
			w.Header().Set("Location", "http://[::1"+secret)
			w.WriteHeader(302)
		}
	})
	var log bytes.Buffer
	c := client(t, func(config *fetch.Config) {
		config.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	header := http.Header{"Authorization": {"Bearer " + secret}}
	for _, url := range []string{
		s.URL + "/down?key=" + secret, s.URL + "/away?key=" + secret, s.URL + "/user", s.URL + "/odd", "http://u:" + secret + "@" + outside,
		"http://[::1]:namedport?" + secret, "ftp://a/" + secret, "http://10.0.0.1/?key=" + secret, "http://0x7f.1/?key=" + secret, "http://a.invalid:99999/?" + secret,
	} {
		_, _, err := get(t, c, fetch.Request{URL: url, Header: header})
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
	if text := log.String(); strings.Contains(text, secret) || !strings.Contains(text, "/down") {
		t.Errorf("the log shows the secret, or nothing:\n%s", text)
	}
}
