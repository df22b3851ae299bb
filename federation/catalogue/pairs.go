package catalogue

import (
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
)

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

// pairs describes the candidates as precedence wants them, and by whom they count.
func (j *judge) pairs(id string, said map[candidate][]store.Entry) (out []federation.Pair, by map[candidate]string) {
	by = map[candidate]string{}
	for c, entries := range said {
		if j.heard[c.domain] == nil {
			j.heard[c.domain] = providers{}
		}
		j.heard[c.domain].add(id)
		lists := j.lists(c.domain)
		s := j.cfg.Authority.Standing(c.publisher, c.domain, lists)
		by[c] = s.By
		out = append(out, federation.Pair{
			Provider: id, Domain: c.domain, Publisher: c.publisher, Class: s.Class,
			Relation: j.cfg.Authority.Relation(c.domain, id), Order: s.Order, Lists: lists(c.publisher), Records: len(entries),
		})
	}
	return out, by
}

// items judges one provider: the records of its effective pair, and this node's own local ones.
func (j *judge) items(id string) (map[string]Item, error) {
	said, err := j.statements(id)
	if err != nil {
		return nil, err
	}
	pairs, by := j.pairs(id, said)
	j.ranked[id] = j.explain(pairs, by)
	items := map[string]Item{}
	for _, p := range pairs {
		if c := (candidate{p.Domain, p.Publisher}); c.publisher == j.cfg.Self && local(p) {
			take(items, said[c], Item{Publisher: c.publisher, Domain: c.domain, Class: federation.Local})
		}
	}
	best, ok := federation.Best(pairs)
	if err := j.former.note(id, candidate{best.Domain, best.Publisher}); err != nil {
		return nil, err
	}
	if ok {
		c := candidate{best.Domain, best.Publisher}
		take(items, said[c], Item{Publisher: c.publisher, Domain: c.domain, Class: best.Class, By: by[c]})
	}
	return items, nil
}

// local says of a pair of this node that it may not speak for the provider.
func local(p federation.Pair) bool { return !p.Class.Speaks() || p.Relation == federation.None }

func take(items map[string]Item, entries []store.Entry, like Item) {
	for _, e := range entries {
		like.Key, like.CID = e.Key, e.CID
		items[e.Key] = like
	}
}
