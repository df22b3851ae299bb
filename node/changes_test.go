package node_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/google/go-cmp/cmp"
)

// mirror is a copy of a node's catalogue: records by IRI. It outlives the node's restarts.
type mirror struct {
	t       *testing.T
	since   string
	records map[string]string
	told    []string // what was told since somebody looked
}

// read follows the node until nothing more comes.
func (m *mirror) read(from *running) {
	m.t.Helper()
	for more := true; more; {
		resp, err := http.Get(from.ready.HTTP + "/v1/changes?limit=1&since=" + m.since)
		if err != nil {
			m.t.Fatal(err)
		}
		var page api.ChangePage
		err = json.NewDecoder(resp.Body).Decode(&page)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			m.t.Fatalf("since %s: %d, %v", m.since, resp.StatusCode, err)
		}
		for _, c := range page.Items {
			m.take(c)
		}
		m.since, more = page.Cursor, page.More
	}
}

func (m *mirror) take(c api.Change) {
	m.told = append(m.told, c.Kind+" "+c.IRI)
	if m.records[c.IRI] = c.Record; c.Kind == "withdrawn" {
		delete(m.records, c.IRI)
	}
}

// wants waits until the mirror was told so much, and compares it with what the node shows.
func (m *mirror) wants(from *running, told ...string) {
	m.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); len(m.told) < len(told) && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		m.read(from)
	}
	if diff := cmp.Diff(told, m.told); diff != "" {
		m.t.Error(diff)
	}
	m.told = nil
	for iri, record := range m.records {
		if c, err := from.course(iri); err != nil || c.Record != record {
			m.t.Errorf("%s: the copy has %s, the node %s, %v", iri, record, c.Record, err)
		}
	}
}

// A copy of what one node replicates from another goes on where it was when the node was restarted, misses nothing of
// what happened meanwhile, and a stream tells as it happens and ends with the node.
func TestFollowingANode(t *testing.T) {
	t.Parallel()
	c, uni := &clock{now: time.Unix(1_790_000_000, 0)}, newInstitution(t)
	a := newRunning(t, c, uni)
	uni.says(a.ready.Publisher)
	c.pass(hour)
	a.harvest()
	b := newRunning(t, c, uni, a)
	m := &mirror{t: t, since: "0", records: map[string]string{}}
	for _, iri := range iris {
		b.waitFor(iri, a.ready.Publisher, "First")
	}
	m.wants(b, "added "+iris[0], "added "+iris[1])
	b.stop()
	uni.retitle("Second")
	c.pass(hour)
	a.harvest()
	b.start()
	for _, iri := range iris {
		b.waitFor(iri, a.ready.Publisher, "Second")
	}
	m.wants(b, "changed "+iris[0], "changed "+iris[1])
	events := b.events(m.since)
	uni.says(federation.PublisherID("")) // nobody any more
	c.pass(hour)
	b.harvestEvidence()
	for range iris {
		m.take(<-events)
	}
	m.wants(b, "withdrawn "+iris[0], "withdrawn "+iris[1])
	b.stop()
	if _, open := <-events; open {
		t.Error("the stream goes on after the node stopped")
	}
}

// events of a stream, until it ends.
func (r *running) events(since string) <-chan api.Change {
	r.t.Helper()
	request, err := http.NewRequest(http.MethodGet, r.ready.HTTP+"/v1/changes", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Last-Event-ID", since)
	resp, err := http.DefaultClient.Do(request)
	if err != nil || resp.StatusCode != http.StatusOK {
		r.t.Fatal(fmt.Sprint(resp), err)
	}
	out := make(chan api.Change, 10)
	go func() {
		defer resp.Body.Close()
		defer close(out)
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			var c api.Change
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && json.Unmarshal([]byte(data), &c) == nil {
				out <- c
			}
		}
	}()
	return out
}
