package fetch_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
)

// FuzzBody: whatever a server sends as body, in whatever encoding it says, reading it ends, within the limits.
func FuzzBody(f *testing.F) {
	const limit = 1 << 20
	var encoding, retry string
	var sent []byte
	s := serve(f, outside, func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Encoding"] = []string{encoding}
		w.Header()["Retry-After"] = []string{retry}
		_, _ = w.Write(sent)
	})
	c := client(f, func(config *fetch.Config) { config.MaxBytes = limit })
	f.Add("gzip", "", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x04\x00\x43\xbe\xb7\xe8\x01\x00\x00\x00"))
	f.Add("zstd", "0", []byte("\x28\xb5\x2f\xfd\x04\x00\x09\x00\x00\x61\x67\x7d\x16\x5d"))
	f.Add("", "Fri, 31 Dec 1999 23:59:59 GMT", []byte("plain"))
	f.Add("gzip, gzip", "-1", []byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, as, after string, body []byte) {
		if strings.ContainsAny(as+after, "\r\n\x00") {
			return
		}
		encoding, retry, sent = as, after, body
		began := time.Now()
		resp, err := c.Do(t.Context(), fetch.Request{URL: s.URL, MaxBytes: limit, NoRetry: true})
		if err != nil {
			return
		}
		defer resp.Body.Close()
		n, _ := io.Copy(io.Discard, resp.Body) // an error is an answer, too
		if took := time.Since(began); n > limit || took > 10*time.Second {
			t.Fatalf("%d bytes in %s", n, took)
		}
	})
}
