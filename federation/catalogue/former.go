package catalogue

import (
	"slices"
	"sync"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
)

// pair that was effective for a provider until another took over, or nobody did.
type pair struct {
	Domain    string                 `json:"domain"`
	Publisher federation.PublisherID `json:"publisher"`
}

// former remembers who was effective for a provider before, through restarts, so that a publisher that takes over
// can say which record each of its own replaces: a key that was lost or stolen counts no longer by then.
type former struct {
	table store.Table[[]pair] // by provider, the last one first

	mu  sync.Mutex
	now map[string]candidate // by provider; absent: not judged since the start
}

const maxFormer = 8 // kept for a provider

func newFormer(db *store.DB) *former {
	return &former{table: store.TableOf[[]pair](db, "former"), now: map[string]candidate{}}
}

// note takes in who is effective now; the zero candidate is nobody.
func (f *former) note(provider string, now candidate) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.now[provider]
	f.now[provider] = now
	if was == now || was == (candidate{}) {
		return nil
	}
	gone := pair{was.domain, was.publisher}
	list := slices.DeleteFunc(f.list(provider), func(p pair) bool { return p == gone })
	list = slices.Insert(list, 0, gone)
	return f.table.Put(provider, list[:min(len(list), maxFormer)])
}

func (f *former) list(provider string) []pair {
	list, _ := f.table.Get(provider) // absent: nobody
	return list
}

// Predecessor is the record under a key that a new one would replace: the effective one, else that of the last
// publisher that was effective before and still holds one. Undef when there is none.
func (c *Catalogue) Predecessor(key string) cid.Cid {
	if item, ok := c.Whole(key); ok && item.Class.Speaks() {
		return item.CID
	}
	_, provider, _, err := federation.SplitKey(key)
	if err != nil {
		return cid.Undef
	}
	for _, p := range c.judge.former.list(provider) {
		if entry, err := c.cfg.DB.Entry(p.Publisher, key); err == nil && entry.Domain == p.Domain {
			return entry.CID
		}
	}
	return cid.Undef
}
