package harvest

import (
	"slices"

	"github.com/coursemesh/coursemesh/federation/store"
)

// Renew has the next harvest look at everything of the sources that list one of the keys, whatever their servers say of
// changes: records of this node's own under those keys are lost. No key means every source. It returns how many
// sources that are.
func Renew(db *store.DB, keys []string) (sources int, err error) {
	states := store.TableOf[SourceState](db, "sources")
	lost := map[string]bool{}
	for _, key := range keys {
		lost[key] = true
	}
	for name, l := range store.TableOf[listing](db, "listings").All("") {
		if len(keys) > 0 && !slices.ContainsFunc(l.Keys, func(key string) bool { return lost[key] }) {
			continue
		}
		state, err := states.Get(name)
		if err != nil {
			continue // it is read like a new one
		}
		state.Basis = ""
		if err := states.Put(name, state); err != nil {
			return sources, err
		}
		sources++
	}
	return sources, nil
}
