package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/google/go-cmp/cmp"
	"github.com/ipfs/go-cid"
	"github.com/klauspost/compress/zstd"
)

// settle waits until the changes tell what is published.
func (n *node) settle() {
	n.t.Helper()
	if err := n.catalogue.Settle(context.Background()); err != nil {
		n.t.Fatal(err)
	}
}

// changes reads one page; target is a whole URL or a path.
func (n *node) changes(target string) api.ChangePage {
	n.t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		n.t.Fatal(err)
	}
	var page api.ChangePage
	w := n.json(u.RequestURI(), &page)
	if page.Next == nil || !strings.Contains(w.Header().Get("Link"), *page.Next) || w.Header().Get("Coursemesh-Catalogue-Root") == "" {
		n.t.Errorf("%s: next %v, headers %v", target, page.Next, w.Header())
	}
	return page
}

// told is the part of changes that tests compare.
func told(page api.ChangePage) (out []string) {
	for _, c := range page.Items {
		out = append(out, c.Kind+" "+c.IRI)
	}
	return out
}

func TestChanges(t *testing.T) {
	t.Parallel()
	n := sample(t)
	n.settle()
	first := n.changes("/v1/changes")
	if len(first.Items) != 3 || first.More || first.Total != 3 || !first.TotalIsExact {
		t.Fatalf("%+v", first)
	}
	for _, c := range first.Items {
		var one course.Course
		n.json("/v1/courses/"+*c.ID, &one)
		want := api.Change{
			Cursor: c.Cursor, Kind: "added", What: federation.KindCourse, ID: &one.ID, IRI: one.IRI, Provider: one.Provider,
			Record: one.Record, Publisher: one.Publisher, At: c.At,
		}
		if diff := cmp.Diff(want, c); diff != "" || c.At.IsZero() {
			t.Error(diff)
		}
	}
	if diff := cmp.Diff(first.Items, n.changes("/v1/changes?since=0").Items); diff != "" {
		t.Errorf("since=0: %s", diff)
	}
	if got := n.changes(*first.Next); len(got.Items) != 0 || got.Cursor != first.Cursor || got.More {
		t.Errorf("nothing happened: %+v", got)
	}
	if got := n.changes("/v1/changes?since=now"); len(got.Items) != 0 {
		t.Errorf("since now: %+v", got)
	}
	const ai = "https://uni.example/courses/ai"
	n.publish(n.self, statement{provider: "uni.example", subject: ai, turtle: `<` + ai + `> a ql:LearningOpportunitySpecification ; dcterms:title "AI, new"@en .`})
	n.withdraw(n.self, "uni.example", databases)
	n.publish(n.self, titled("urn:x:new", "New", 5))
	n.settle()
	second := n.changes(*first.Next)
	if diff := cmp.Diff([]string{"changed " + ai, "withdrawn " + databases, "added urn:x:new"}, told(second)); diff != "" {
		t.Error(diff)
	}
	if gone := second.Items[1]; *gone.ID != *first.Items[1].ID && *gone.ID != *first.Items[2].ID && *gone.ID != *first.Items[0].ID || gone.Publisher != n.self.id {
		t.Errorf("what is withdrawn is told apart from what was added: %+v", gone)
	}
	if diff := cmp.Diff([]string{"withdrawn " + databases, "added urn:x:new"}, told(n.changes("/v1/changes?since="+second.Items[0].Cursor))); diff != "" {
		t.Error(diff)
	}
	fresh := n.changes("/v1/changes")
	if diff := cmp.Diff([]string{"added https://www.lyon.example/c/hist", "added " + ai, "added urn:x:new"}, told(fresh)); diff != "" {
		t.Errorf("from the beginning: %s", diff)
	}
	french := n.changes("/v1/changes?provider=lyon.example")
	if diff := cmp.Diff([]string{"added https://www.lyon.example/c/hist"}, told(french)); diff != "" || french.Cursor != fresh.Cursor {
		t.Errorf("of one provider: %s, cursor %s, want %s", diff, french.Cursor, fresh.Cursor)
	}
	if got := n.changes("/v1/changes?what=offering"); len(got.Items) != 0 || got.Cursor != fresh.Cursor {
		t.Errorf("offerings: %+v", got)
	}
}

func TestChangesComeInPages(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	var want []string
	for i := range 7 {
		s := titled(fmt.Sprintf("urn:x:%d", i), "Course", 5)
		n.publish(n.self, s)
		want = append(want, "added "+s.subject)
	}
	n.settle()
	var got []string
	page := n.changes("/v1/changes?limit=2")
	for ; page.More; page = n.changes(*page.Next) {
		if len(page.Items) != 2 || page.TotalIsExact {
			t.Errorf("%+v", page)
		}
		got = append(got, told(page)...)
	}
	if diff := cmp.Diff(want, append(got, told(page)...)); diff != "" {
		t.Error(diff)
	}
	// What goes while somebody is reading from the beginning is told if it was told before, and else is no loss.
	page = n.changes("/v1/changes?limit=2")
	n.withdraw(n.self, "uni.example", "urn:x:0")
	n.withdraw(n.self, "uni.example", "urn:x:6")
	n.settle()
	got = nil
	for more := true; more; more = page.More {
		page = n.changes(*page.Next)
		got = append(got, told(page)...)
	}
	want = append(want[2:6], "withdrawn urn:x:0", "withdrawn urn:x:6")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestChangesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	n, other := sample(t), sample(t)
	n.settle()
	other.settle()
	cursor := other.changes("/v1/changes").Cursor
	for target, want := range map[string]api.Problem{
		"/v1/changes?since=yesterday":                  {Status: 400, Parameter: "since"},
		"/v1/changes?since=nwo":                        {Status: 400, Parameter: "since", Suggestion: "now"},
		"/v1/changes?since=" + cursor:                  {Status: 410},
		"/v1/changes?limit=1001":                       {Status: 400, Parameter: "limit"},
		"/v1/changes?what=curse":                       {Status: 400, Parameter: "what", Suggestion: "course"},
		"/v1/changes?provider=uni.exmple":              {Status: 400, Parameter: "provider", Suggestion: "uni.example"},
		"/v1/changes?sinc=0":                           {Status: 400, Parameter: "sinc", Suggestion: "since"},
		"/v1/changes?since=" + strings.Repeat("1", 99): {Status: 400, Parameter: "since"},
	} {
		for _, accept := range []string{"application/json", "text/event-stream"} {
			w := n.get(target, "Accept", accept)
			var got api.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != want.Status || got.Parameter != want.Parameter || want.Suggestion != "" && got.Suggestion != want.Suggestion {
				t.Errorf("%s as %s: %d %s, want %+v", target, accept, w.Code, w.Body, want)
			}
			if w.Code == http.StatusGone && !strings.Contains(got.Detail, "dump") {
				t.Errorf("%s does not say what to do: %s", target, got.Detail)
			}
		}
	}
	if w := n.get("/v1/changes", "Accept", "application/json", "Last-Event-ID", cursor); w.Code != http.StatusGone {
		t.Errorf("Last-Event-ID of another node: %d", w.Code)
	}
	page := n.changes("/v1/changes")
	tag := n.get("/v1/changes").Header().Get("ETag")
	if w := n.get("/v1/changes", "If-None-Match", tag); w.Code != http.StatusNotModified {
		t.Errorf("%s again: %d", tag, w.Code)
	}
	// Who goes on may name a provider of which nothing is left.
	if w := n.get("/v1/changes?provider=gone.example&since=" + page.Cursor); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// copyOf follows a node as a client would: records by key.
type copyOf struct {
	t       *testing.T
	records map[string]cid.Cid
}

func (c *copyOf) take(change api.Change) {
	key := federation.Record{Kind: change.What, Provider: change.Provider, Subject: change.IRI}.Key()
	if change.Kind == "withdrawn" {
		delete(c.records, key)
		return
	}
	record, err := cid.Decode(change.Record)
	if err != nil {
		c.t.Error(err)
	}
	c.records[key] = record
}

// root is that of a tree of the copy: equal to the catalogue's when the copy is.
func (c *copyOf) root() string {
	blocks := memory{}
	tree, err := federation.EmptyTree(blocks)
	if err != nil {
		c.t.Fatal(err)
	}
	for key, record := range c.records {
		if err := tree.Set(c.t.Context(), key, record); err != nil {
			c.t.Fatal(err)
		}
	}
	root, err := tree.Flush(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return root.String()
}

type memory map[cid.Cid][]byte

func (m memory) Get(_ context.Context, c cid.Cid) ([]byte, error) { return m[c], nil }
func (m memory) Put(_ context.Context, c cid.Cid, b []byte) error {
	m[c] = bytes.Clone(b)
	return nil
}

// dumped is a copy of the newest dump and where to go on.
func dumped(t *testing.T, n *node, dir string) (*copyOf, string, error) {
	index, err := n.api.Dump(t.Context(), dir)
	if err != nil {
		return nil, "", err
	}
	file, err := os.Open(filepath.Join(dir, "courses.jsonl.zst"))
	if err != nil {
		return nil, "", err
	}
	defer file.Close()
	packed, err := zstd.NewReader(file)
	if err != nil {
		return nil, "", err
	}
	defer packed.Close()
	c := &copyOf{t, map[string]cid.Cid{}}
	for lines := json.NewDecoder(packed); lines.More(); {
		var one course.Course
		if err := lines.Decode(&one); err != nil {
			return nil, "", err
		}
		c.take(api.Change{Kind: "added", What: federation.KindCourse, Provider: one.Provider, IRI: one.IRI, Record: one.Record})
	}
	return c, index.Changes, nil
}

// follow reads pages until the copy has the root that an answer named while nothing more came.
func (c *copyOf) follow(server, since string, until <-chan struct{}) {
	target := server + "/v1/changes?limit=7&since=" + since
	for done := false; ; {
		r, err := http.Get(target)
		if err != nil {
			c.t.Error(err)
			return
		}
		var page api.ChangePage
		err = json.NewDecoder(r.Body).Decode(&page)
		r.Body.Close()
		if err != nil || r.StatusCode != http.StatusOK {
			c.t.Errorf("%s: %d %v", target, r.StatusCode, err)
			return
		}
		for _, change := range page.Items {
			c.take(change)
		}
		if !page.More && done && c.root() == r.Header.Get("Coursemesh-Catalogue-Root") {
			return
		}
		target = *page.Next
		select {
		case <-until:
			done = true
		case <-time.After(time.Millisecond):
		}
	}
}

// Copies that begin with a dump or at the beginning, at whatever moment, end as the catalogue while two publishers of
// different rank change it.
func TestCopiesUnderConcurrentChanges(t *testing.T) {
	t.Parallel()
	second := newPublisher(t)
	n := newNodeWith(t, func(c *authority.Config) {
		c.Trust = append(c.Trust, authority.Trust{ID: second.id, Provider: "*", Class: federation.Authoritative})
	})
	server := httptest.NewServer(n.api)
	defer server.Close()
	n.publish(n.self, titled("urn:x:1", "First", 1))
	n.settle()
	written := make(chan struct{})
	var work sync.WaitGroup
	copies := make([]*copyOf, 4)
	for i := range copies {
		dir := t.TempDir()
		work.Go(func() {
			time.Sleep(time.Duration(i) * 40 * time.Millisecond) // somewhere in the middle
			c, since, err := &copyOf{t, map[string]cid.Cid{}}, "0", error(nil)
			if i%2 == 0 {
				c, since, err = dumped(t, n, dir)
			}
			if copies[i] = c; err != nil {
				t.Error(err)
				return
			}
			c.follow(server.URL, since, written)
		})
	}
	n.change(second, 40)
	close(written)
	work.Wait()
	for i, c := range copies {
		if got, want := c.root(), n.catalogue.Roots().Catalogue.String(); got != want || len(c.records) == 0 {
			t.Errorf("copy %d of %d records has root %s, want %s", i, len(c.records), got, want)
		}
	}
}

// change publishes, changes and withdraws courses of two publishers, one switch after the other.
func (n *node) change(second publisher, rounds int) {
	held := map[federation.PublisherID]map[string]bool{n.self.id: {"urn:x:1": true}, second.id: {}}
	for round := range rounds {
		p := n.self
		if round%3 == 0 {
			p = second
		}
		subject := fmt.Sprintf("urn:x:%d", rand.IntN(9))
		if held[p.id][subject] && rand.IntN(2) == 0 && len(held[p.id]) > 1 {
			delete(held[p.id], subject)
			n.take(p, subject)
			continue
		}
		held[p.id][subject] = true
		n.publish(p, titled(subject, fmt.Sprintf("Version %d", round), int64(round)))
	}
}

// take withdraws without looking at who counts.
func (n *node) take(p publisher, subject string) {
	key := federation.Record{Kind: federation.KindCourse, Provider: "uni.example", Subject: subject}.Key()
	entry, err := n.db.Entry(p.id, key)
	if err != nil {
		n.t.Error(err)
		return
	}
	_, err = n.db.Switch(context.Background(), p.id, []store.Op{{Key: key, Old: entry.CID, Domain: entry.Domain}}, func(next store.Next) ([]byte, error) {
		return federation.Head{
			Epoch: 1, Seq: next.Prev.Seq + 1, Prev: next.Prev.CID, Root: next.Root, Count: next.Count, Bytes: next.Bytes, Issued: now.Unix(), Domains: next.Prev.Domains,
		}.Seal(p.key)
	})
	if err != nil {
		n.t.Error(err)
	}
}
