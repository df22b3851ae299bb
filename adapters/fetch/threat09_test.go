package fetch_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/coursemesh/coursemesh/adapters/fetch"
)

// packers are the encodings that are asked for, and others.
var packers = map[string]func(io.Writer) io.WriteCloser{
	"gzip":    func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
	"zstd":    func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)); return z },
	"deflate": func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 9); return z },
}

// bomb is n MiB of zeros, packed.
func bomb(t *testing.T, pack func(io.Writer) io.WriteCloser, n int) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := pack(&packed)
	for zeros, i := make([]byte, 1<<20), 0; i < n; i++ {
		if _, err := z.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// stopped fetches what a handler sends, and says how much of it came through before a guard refused.
func stopped(t *testing.T, change func(*fetch.Config), reason string, handler http.HandlerFunc) int64 {
	t.Helper()
	s := serve(t, outside, handler)
	start, n := time.Now(), int64(0)
	response, err := client(t, change).Do(t.Context(), fetch.Request{URL: s.URL})
	if err == nil {
		n, err = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	took := time.Since(start)
	if !errors.Is(err, fetch.ErrRefused) || !strings.Contains(err.Error(), reason) {
		t.Errorf("%d bytes, %v", n, err)
	}
	if took > slowdown*5*time.Second {
		t.Errorf("stopped after %v", took)
	}
	t.Logf("stopped after %d bytes and %v: %v", n, took, err)
	return n
}

// repeated sends packed streams one after the other, which all unpackers take for one.
func repeated(encoding string, packed []byte, times int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", encoding)
		for range times {
			if _, err := w.Write(packed); err != nil {
				return
			}
		}
	}
}

// Bombs of 10 MiB, 100 MiB, 1 GiB and 10 GiB, streamed, in the encodings that were asked for and in others, and one
// within the other: none is held, all stop in five seconds.
func TestThreat09CompressionBomb(t *testing.T) {
	t.Parallel()
	const some = 4 << 20 // bytes that may come through before the ratio is known
	gzipped := bomb(t, packers["gzip"], 10)
	var nested bytes.Buffer
	outer := gzip.NewWriter(&nested)
	for range 1024 {
		_, _ = outer.Write(gzipped)
	}
	_ = outer.Close()
	for _, encoding := range []string{"gzip", "zstd"} {
		unit := bomb(t, packers[encoding], 10)
		for _, units := range []int{1, 10, 103, 1024} {
			t.Run(fmt.Sprintf("%s, %d MiB", encoding, 10*units), func(t *testing.T) {
				t.Parallel()
				if n := stopped(t, nil, "expands more than 100", repeated(encoding, unit, units)); n > some {
					t.Errorf("%d bytes came through", n)
				}
			})
		}
	}
	deflated := bomb(t, packers["deflate"], 10)
	for name, k := range map[string]struct {
		encoding string
		body     []byte
		units    int
		change   func(*fetch.Config)
		reason   string
	}{
		"gzip, capped in all":      {"gzip", gzipped, 1024, func(config *fetch.Config) { config.Limits.Decoded = 512 << 10 }, "larger than 524288"},
		"deflate, not asked for":   {"deflate", deflated, 1024, nil, "was not asked for"},
		"br, not asked for":        {"br", deflated, 1, nil, "was not asked for"},
		"twice packed":             {"gzip, gzip", nested.Bytes(), 1, nil, "was not asked for"},
		"twice packed, one hidden": {"gzip", nested.Bytes(), 1, nil, "expands more than 100"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if n := stopped(t, k.change, k.reason, repeated(k.encoding, k.body, k.units)); n > some {
				t.Errorf("%d bytes came through", n)
			}
		})
	}
}

// What keeps below the ratio is capped at 1 GiB in all, after few of the 10 GiB that it would come to.
func TestThreat09CapInAll(t *testing.T) {
	if testing.Short() {
		t.Skip("unpacks 2 GiB")
	}
	for _, encoding := range []string{"gzip", "zstd"} {
		// 10 MiB of zeros and as many random bytes as bring the ratio to about 50.
		var packed bytes.Buffer
		z := packers[encoding](&packed)
		noise := make([]byte, 200<<10)
		_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
		_, _ = z.Write(noise)
		_, _ = z.Write(make([]byte, 10<<20))
		_ = z.Close()
		t.Run(encoding, func(t *testing.T) {
			const most = 1 << 30
			if n := stopped(t, nil, "larger than 1073741824", repeated(encoding, packed.Bytes(), 1024)); n != most {
				t.Errorf("%d bytes came through", n)
			}
		})
	}
}
