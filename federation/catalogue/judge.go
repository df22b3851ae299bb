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
	ranked   map[string][]federation.Row                    // by provider: its rows of the authority table
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
		cfg: cfg, heads: map[federation.PublisherID]head{},
		speakers: map[string]map[federation.PublisherID]struct{}{}, ranked: map[string][]federation.Row{},
	}
}

type providers map[string]struct{}

func (p providers) add(id string) { p[id] = struct{}{} }

const readAhead = 10_000 // changes read from the log at once

// touched reads what is new in the heads and in the change log after seq, and lists the providers to
// judge anew. all asks for every provider, since an authority answer changed.
func (j *judge) touched(seq uint64, all bool) ([]string, uint64, error) {
	touched := providers{}
	last := j.cfg.DB.LastChange()
	if err := j.reloadHeads(touched); err != nil {
		return nil, seq, err
	}
	if !j.loaded {
		if err := j.load(); err != nil {
			return nil, seq, err
		}
		j.loaded, all, seq = true, true, last
	}
	seq, err := j.readLog(seq, touched)
	if errors.Is(err, store.ErrTooOld) { // the log was trimmed behind our back: begin anew
		j.loaded = false
		return j.touched(last, true)
	}
	if all {
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

// reloadHeads takes over new heads and proofs. A changed list of domains, or a change of effect,
// touches everything the publisher speaks about.
func (j *judge) reloadHeads(touched providers) error {
	held, err := j.cfg.DB.Heads()
	if err != nil {
		return err
	}
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
		touched.addAll(old.Domains)
		touched.addAll(now.Domains)
		for id, who := range j.speakers {
			if _, ok := who[h.Publisher]; ok {
				touched.add(id)
			}
		}
	}
	return nil
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

// kinds in the order of their keys.
var kinds = []federation.Kind{federation.KindAlliance, federation.KindCourse, federation.KindOffering, federation.KindProvider}

// candidate is a (source domain, publisher) pair that has something to say of a provider.
type candidate struct {
	domain    string
	publisher federation.PublisherID
}

// statements reads what every speaker says of a provider, by pair.
func (j *judge) statements(id string) (map[candidate][]store.Entry, error) {
	said := map[candidate][]store.Entry{}
	for publisher := range j.speakers[id] {
		for _, kind := range kinds {
			for entry, err := range j.cfg.DB.Entries(publisher, string(kind)+"|"+id+"|") {
				if err != nil {
					return nil, err
				}
				c := candidate{entry.Domain, publisher}
				said[c] = append(said[c], entry)
			}
		}
	}
	for publisher, h := range j.heads {
		if c := (candidate{id, publisher}); slices.Contains(h.Domains, id) && said[c] == nil {
			said[c] = nil // speaks for its own provider with zero records
		}
	}
	return said, nil
}

// pairs describes the candidates as precedence wants them; unverified ones take no part.
func (j *judge) pairs(id string, said map[candidate][]store.Entry) []federation.Pair {
	var out []federation.Pair
	for c, entries := range said {
		class, order := j.cfg.Authority.Class(c.publisher, c.domain)
		if class == federation.Unverified {
			continue
		}
		h := j.heads[c.publisher]
		out = append(out, federation.Pair{
			Provider: id, Domain: c.domain, Publisher: c.publisher, Class: class,
			Relation: j.cfg.Authority.Relation(c.domain, id), Order: order,
			Lists: h.effective() && slices.Contains(h.Domains, c.domain), Records: len(entries),
		})
	}
	return out
}

// items judges one provider: the records of its effective pair, and this node's own local ones.
func (j *judge) items(id string) (map[string]Item, error) {
	said, err := j.statements(id)
	if err != nil {
		return nil, err
	}
	pairs := j.pairs(id, said)
	j.ranked[id] = federation.Rows(pairs)
	items := map[string]Item{}
	for c, entries := range said {
		if c.publisher == j.cfg.Self && j.local(c.domain, id) {
			take(items, entries, c, federation.Local)
		}
	}
	if best, ok := federation.Best(pairs); ok {
		c := candidate{best.Domain, best.Publisher}
		take(items, said[c], c, best.Class)
	}
	return items, nil
}

// local says that this node harvested from the domain but may not speak for the provider.
func (j *judge) local(domain, id string) bool {
	class, _ := j.cfg.Authority.Class(j.cfg.Self, domain)
	return class == federation.Unverified || j.cfg.Authority.Relation(domain, id) == federation.None
}

func take(items map[string]Item, entries []store.Entry, c candidate, class federation.Class) {
	for _, e := range entries {
		items[e.Key] = Item{Key: e.Key, CID: e.CID, Publisher: c.publisher, Domain: c.domain, Class: class}
	}
}

// rows is the authority table: all ranked pairs.
func (j *judge) rows() []federation.Row {
	var out []federation.Row
	for _, id := range slices.Sorted(maps.Keys(j.ranked)) {
		out = append(out, j.ranked[id]...)
	}
	return out
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
