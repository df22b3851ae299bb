package catalogue

import (
	"errors"
	"maps"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
)

// judge knows which publishers speak about which providers, and picks each provider's effective pair.
// It is used by one update at a time.
type judge struct {
	cfg      Config
	heads    map[federation.PublisherID]head
	speakers map[string]map[federation.PublisherID]struct{} // by provider; may name one that fell silent
	heard    map[string]providers                           // by source domain: the providers it was heard about
	ranked   map[string][]Standing                          // by provider, best first
	former   *former
	loaded   bool
}

// head is a publisher's held head; it is effective when its epoch is above every proven one.
type head struct {
	store.Held
	proven uint64
}

func (h head) effective() bool { return h.Epoch > h.proven }

func newJudge(cfg Config) *judge {
	return &judge{
		cfg: cfg, heads: map[federation.PublisherID]head{}, speakers: map[string]map[federation.PublisherID]struct{}{},
		heard: map[string]providers{}, ranked: map[string][]Standing{}, former: newFormer(cfg.DB),
	}
}

// lists returns who has an effective head that lists the domain.
func (j *judge) lists(domain string) func(federation.PublisherID) bool {
	return func(p federation.PublisherID) bool {
		h, held := j.heads[p]
		return held && h.effective() && slices.Contains(h.Domains, domain)
	}
}

type providers map[string]struct{}

func (p providers) add(id string) { p[id] = struct{}{} }

const readAhead = 10_000 // changes read from the log at once

// news of the authority: domains about which an answer changed; all when it may be any.
type news struct {
	domains []string
	all     bool
}

// touched reads what is new in the heads and in the change log after seq, and lists the providers to
// judge anew for that and for the authority's news.
func (j *judge) touched(seq uint64, n news) ([]string, uint64, error) {
	touched := providers{}
	for _, domain := range n.domains {
		j.touch(touched, domain)
	}
	last := j.cfg.DB.LastChange()
	if err := j.reloadHeads(touched); err != nil {
		return nil, seq, err
	}
	if !j.loaded {
		if err := j.load(); err != nil {
			return nil, seq, err
		}
		j.loaded, n.all, seq = true, true, last
	}
	seq, err := j.readLog(seq, touched)
	if errors.Is(err, store.ErrTooOld) { // the log was trimmed behind our back: begin anew
		j.loaded = false
		return j.touched(last, news{all: true})
	}
	if n.all {
		for id := range j.speakers {
			touched.add(id)
		}
		for _, h := range j.heads {
			touched.addAll(h.Domains)
		}
	}
	return slices.Sorted(maps.Keys(touched)), seq, err
}

func (p providers) addAll(ids []string) {
	for _, id := range ids {
		p.add(id)
	}
}

// touch adds the provider of that id, and all about whom it spoke as a source domain.
func (j *judge) touch(touched providers, domain string) {
	touched.add(domain)
	for id := range j.heard[domain] {
		touched.add(id)
	}
}

// reloadHeads takes over new heads and proofs. A changed list of domains, or a change of effect,
// touches everything the publisher speaks about.
func (j *judge) reloadHeads(touched providers) error {
	held, err := j.cfg.DB.Heads()
	if err != nil {
		return err
	}
	j.dropHeads(held, touched)
	for _, h := range held {
		proven, err := j.cfg.DB.Proven(h.Publisher)
		if err != nil {
			return err
		}
		old, now := j.heads[h.Publisher], head{h, proven}
		j.heads[h.Publisher] = now
		if old.effective() == now.effective() && slices.Equal(old.Domains, now.Domains) {
			continue
		}
		j.touchAll(touched, h.Publisher, slices.Concat(old.Domains, now.Domains))
	}
	return nil
}

// dropHeads forgets the heads of sets that were let go.
func (j *judge) dropHeads(held []store.Held, touched providers) {
	if len(j.heads) == 0 {
		return
	}
	now := map[federation.PublisherID]bool{}
	for _, h := range held {
		now[h.Publisher] = true
	}
	for publisher, h := range j.heads {
		if now[publisher] {
			continue
		}
		delete(j.heads, publisher)
		j.touchAll(touched, publisher, h.Domains)
	}
}

// touchAll adds everything that a publisher speaks about.
func (j *judge) touchAll(touched providers, publisher federation.PublisherID, domains []string) {
	for _, domain := range domains {
		j.touch(touched, domain)
	}
	for id, who := range j.speakers {
		if _, ok := who[publisher]; ok {
			touched.add(id)
		}
	}
}

// load finds out once who speaks about whom; the log tells the rest.
func (j *judge) load() error {
	for publisher := range j.heads {
		for entry, err := range j.cfg.DB.Entries(publisher, "") {
			if err != nil {
				return err
			}
			j.speaks(publisher, entry.Key, providers{})
		}
	}
	return nil
}

func (j *judge) readLog(seq uint64, touched providers) (uint64, error) {
	for {
		changes, err := j.cfg.DB.Changes(seq, readAhead)
		if err != nil {
			return seq, err
		}
		for _, change := range changes {
			seq = change.Seq
			j.speaks(change.Publisher, change.Key, touched)
		}
		if len(changes) < readAhead {
			return seq, nil
		}
	}
}

// speaks notes that a publisher says something under a key.
func (j *judge) speaks(publisher federation.PublisherID, key string, touched providers) {
	_, id, _, err := federation.SplitKey(key)
	if err != nil {
		return
	}
	touched.add(id)
	if j.speakers[id] == nil {
		j.speakers[id] = map[federation.PublisherID]struct{}{}
	}
	j.speakers[id][publisher] = struct{}{}
}

// headRows is the heads table, without publishers that count for nobody.
func (j *judge) headRows() []federation.HeadRow {
	var out []federation.HeadRow
	for publisher, h := range j.heads {
		if j.cfg.Authority.Best(publisher) != federation.Unverified {
			out = append(out, federation.HeadRow{Publisher: publisher, Payload: h.Payload, ProvenEpoch: h.proven})
		}
	}
	return out
}
