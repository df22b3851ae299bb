package source_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// client asks for bodies, one after another.
func client(lim source.Limits, bodies ...io.Reader) *source.Client {
	n := 0
	get := func(_ context.Context, address string) (*adapters.Response, error) {
		body := bodies[min(n, len(bodies)-1)]
		n++
		return &adapters.Response{URL: address, Body: io.NopCloser(body)}, nil
	}
	return source.NewClient(get, "https://uni.example/", lim)
}

// streamed are the entries of a body's list.
func streamed(t *testing.T, lim source.Limits, bodies ...string) ([]string, source.Stream, error) {
	t.Helper()
	var readers []io.Reader
	for _, b := range bodies {
		readers = append(readers, strings.NewReader(b))
	}
	var out []string
	s, err := client(lim, readers...).Stream(t.Context(), "https://uni.example/list", "data", func(rec source.Record) error {
		out = append(out, string(rec.Raw))
		return nil
	})
	return out, s, err
}

func TestStreamSaysWhatABodyIs(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"data":[{"id":`: "ends in the middle", "\x1f\x8b\x08\x00": "gzip", "\xff\xfe{\x00}\x00": "UTF-16", "<p>Log in": `starts with "<p>Log in"`,
	} {
		if _, _, err := streamed(t, source.Limits{}, body); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", body, err, want)
		}
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		`{"data":[]}`: nil, `{"data":null}`: nil, `{}`: nil, `{"data":{"id":1}}`: nil,
		"\xef\xbb\xbf {\n \"a\" : 1 , \"data\" : [ 1 , \"x]}\\\"\" , {\"b\":[{}]} , [2] , null ] , \"links\":{} } ": {"1", `"x]}\""`, `{"b":[{}]}`, "[2]", "null"},
		`{"Data":[1]}`: {"1"}, `{"data ":[1]}`: nil, `{"data":[1.5e3,true]}trailing`: {"1.5e3", "true"},
	} {
		got, _, err := streamed(t, source.Limits{}, body)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", body, err, diff)
		}
	}
	for _, body := range []string{
		`[1]`, `{`, `{"data":[1,2`, `{"data":[1 2]}`, `{"data":[1,]}`, `{"data"}`, `{"data":`, `{"data":["x`, `{1:2}`, `<p>Log in`, `{"data":[]`, `{"data":[] "x":1}`,
		`{"data":[{"a":"\`,
	} {
		if got, _, err := streamed(t, source.Limits{}, body); err == nil {
			t.Errorf("%s was read as %v", body, got)
		}
	}
}

func TestStreamKeepsTheOtherFields(t *testing.T) {
	t.Parallel()
	_, s, err := streamed(t, source.Limits{}, `{"links":{"next":"x"},"data":[1],"meta":7}`)
	if err != nil || string(s.Fields.Raw("links")) != `{"next":"x"}` || string(s.Fields.Raw("meta")) != "7" || s.Fields.Raw("data") != nil {
		t.Errorf("%v %v", s.Fields, err)
	}
}

func TestStreamAsksAgainForNothing(t *testing.T) {
	t.Parallel()
	if got, _, err := streamed(t, source.Limits{}, "", " ", `{"data":[1]}`); err != nil || len(got) != 1 {
		t.Errorf("%v %v", got, err)
	}
	if _, _, err := streamed(t, source.Limits{}, ""); !errors.Is(err, source.ErrEmptyBody) {
		t.Errorf("%v", err)
	}
}

func TestStreamLimits(t *testing.T) {
	t.Parallel()
	long := `{"id":"big","text":"` + strings.Repeat("x", 500) + `"}`
	lim := source.Limits{RecordBytes: 100}
	got, _, err := streamed(t, lim, `{"data":[{"id":"a"},`+long+`,{"id":"b"}]}`)
	if err != nil || len(got) != 3 || len(got[1]) > 101 {
		t.Fatalf("%v %v", got, err)
	}
	rec := source.Record{Raw: json.RawMessage(got[1])}
	var lost *adapters.RecordError
	if _, err := rec.Decode(lim, "id"); !errors.As(err, &lost) || lost.Subject != "big" {
		t.Errorf("%v", err)
	}
	if _, _, err := streamed(t, source.Limits{PageBytes: 100}, `{"data":[`+strings.Repeat("1,", 100)+`1]}`); err == nil {
		t.Error("an answer over the limit was read")
	}
	if _, _, err := streamed(t, lim, `{"links":"`+strings.Repeat("x", 500)+`"}`); err == nil {
		t.Error("a field over the limit was kept")
	}
}

// endless is a list of n entries that is never in memory.
type endless struct {
	n    int
	rest []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.n < 0 {
			return 0, io.EOF
		}
		e.rest = fmt.Appendf(nil, `{"id":"%d","attributes":{"title":[{"string":"Course %d"}],"description":"%s"}},`, e.n, e.n, strings.Repeat("All about it. ", 100))
		if e.n == 0 {
			e.rest = []byte(`0]}`)
		}
		e.n--
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// A list of 45 MB passes through a few.
func TestLongListsTakeLittleMemory(t *testing.T) {
	stack, err := source.NewStack(64 << 20)
	if err != nil {
		t.Fatal(err)
	}
	const n = 30_000
	body := &endless{n: n, rest: []byte(`{"data":[`)}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	count := 0
	_, err = client(source.Limits{PageBytes: 1 << 30}, body).Stream(t.Context(), "https://uni.example/list", "data", func(rec source.Record) error {
		count++
		return stack.Put(rec)
	})
	runtime.GC()
	runtime.ReadMemStats(&after)
	if err != nil || count != n+1 {
		t.Fatalf("%d entries, %v", count, err)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 10<<20 {
		t.Errorf("%d MB are held", grown>>20)
	}
	back := 0
	for rec, err := range stack.All() {
		if err != nil {
			t.Fatal(err)
		}
		if back == 0 && (rec.Pointer != "/data/0" || !strings.Contains(string(rec.Raw), `"id":"30000"`)) {
			t.Errorf("the first is %s %.40s", rec.Place, rec.Raw)
		}
		back++
	}
	if back != count {
		t.Errorf("%d of %d came back", back, count)
	}
}

func TestStackLimit(t *testing.T) {
	t.Parallel()
	stack, err := source.NewStack(10)
	for i := 0; err == nil && i < 1_000_000; i++ {
		err = stack.Put(source.Record{Raw: json.RawMessage(fmt.Sprintf(`"%d"`, i*7919))})
	}
	if err == nil {
		t.Error("a stack without end")
	}
}

// FuzzStream: whatever the body, the stream ends, and what it hands over are the entries that encoding/json finds.
func FuzzStream(f *testing.F) {
	for _, seed := range []string{`{"data":[1,"x",{"a":[]}],"links":{}}`, `{"data":{}}`, `{"a":1,"data":[[],{}]}`, "[", `{"data":[1`, "\xef\xbb\xbf{}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, _, err := streamed(t, source.Limits{}, body)
		var want struct{ Data []json.RawMessage }
		if json.Unmarshal([]byte(strings.TrimPrefix(body, "\xef\xbb\xbf")), &want) != nil || strings.Count(body, `"data`) != 1 || strings.Contains(strings.ToLower(body), "\\u") {
			return
		}
		if err != nil || len(got) != len(want.Data) {
			t.Fatalf("%v: %d entries, not %d", err, len(got), len(want.Data))
		}
		for i, raw := range want.Data {
			if strings.TrimSpace(got[i]) != strings.TrimSpace(string(raw)) {
				t.Errorf("entry %d is %q, not %q", i, got[i], raw)
			}
		}
	})
}
