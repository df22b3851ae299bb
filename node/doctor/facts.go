package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/coursemesh/coursemesh/api/network"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/store"
)

// facts are what the running node tells, or what its database says while none runs.
type facts struct {
	signed     position // by head.json
	sources    []source
	evidence   []authority.Evidence // at risk; a running node tells the domain alone
	lost       int
	status     network.Status
	publishers []network.Publisher
	peers      []network.Peer
}

// source is a source as both sides know it.
type source struct {
	name, domain, state, problem string
	failures                     int
	last, complete, stale        time.Time
	publisher                    federation.PublisherID
}

// read takes what a database says that no node has open.
func (f *facts) read(v *visit, db *store.DB) {
	for name, s := range store.TableOf[harvest.SourceState](db, "sources").All("") {
		f.sources = append(f.sources, source{
			name: name, domain: s.Domain, state: s.State, problem: s.Problem, failures: s.Failures,
			last: s.Last, complete: s.Complete, stale: s.Stale, publisher: s.Publisher,
		})
	}
	for _, e := range store.TableOf[authority.Evidence](db, "evidence").All("") {
		if e.URL != "" && !e.Failing.IsZero() {
			f.evidence = append(f.evidence, e)
		}
	}
	for id, frozen := range store.TableOf[authority.Freeze](db, "frozen").All("") {
		f.publishers = append(f.publishers, network.Publisher{ID: federation.PublisherID(id), Frozen: &network.Freeze{Reason: frozen.Reason, Since: frozen.Since}})
	}
	for range store.TableOf[store.Lost](db, "lost").All("") {
		f.lost++
	}
}

// node asks the running node for what it knows.
func (v *visit) node() {
	if v.Running == nil {
		v.ok("node", "none runs on this data directory")
		return
	}
	began := time.Now()
	if err := v.ask("/v1/node", &v.facts.status); err != nil {
		v.say("node", Fail, "look at its log; if it does not answer at all, end it and start it again", "it listens on its admin socket and does not answer: %v", err)
		return
	}
	var listed []network.SourceSummary
	for path, into := range map[string]func(string) error{
		"/v1/publishers": func(p string) (err error) { v.facts.publishers, err = list[network.Publisher](v, p); return err },
		"/v1/peers":      func(p string) (err error) { v.facts.peers, err = list[network.Peer](v, p); return err },
		"/v1/sources":    func(p string) (err error) { listed, err = list[network.SourceSummary](v, p); return err },
	} {
		if err := into(path); err != nil {
			v.say("node", Warn, "look at its log", "%s: %v", path, err)
		}
	}
	for _, s := range listed {
		v.facts.sources = append(v.facts.sources, summarised(s))
	}
	for _, domain := range v.facts.status.AtRisk {
		v.facts.evidence = append(v.facts.evidence, authority.Evidence{Domain: domain})
	}
	v.publisher, v.peer = v.facts.status.Publisher, v.facts.status.Peer
	v.ok("node", "it runs, with %d courses, and answers within %d ms", v.facts.status.Courses+v.facts.status.Local, time.Since(began).Milliseconds())
	v.readiness()
}

func summarised(s network.SourceSummary) source {
	out := source{name: s.Domain + "|" + s.Source, domain: s.Domain, state: s.State, failures: s.Failures}
	for from, to := range map[*time.Time]*time.Time{s.Last: &out.last, s.Complete: &out.complete, s.Stale: &out.stale} {
		if from != nil {
			*to = *from
		}
	}
	if s.Details != nil {
		out.problem = s.Details.Problem
	}
	return out
}

func (v *visit) readiness() {
	resp, err := v.get("/readyz")
	if err != nil {
		return // said before
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 200))
		v.say("node", Fail, "its log says why; after a start the catalogue takes a while to load", "it is not ready: %s", text)
	}
}

func (v *visit) get(path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(v.ctx, http.MethodGet, "http://localhost"+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	return v.Running.Do(req)
}

const maxAnswer = 64 << 20

func (v *visit) ask(path string, into any) error {
	resp, err := v.get(path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers with status %d", resp.StatusCode)
	}
	return json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(into)
}

// list reads the first 5,000 items, which are all on any node there is.
func list[T any](v *visit, path string) ([]T, error) {
	var page struct{ Items []T }
	err := v.ask(path+"?limit=5000", &page)
	return page.Items, err
}
