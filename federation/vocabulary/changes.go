package vocabulary

import (
	"maps"
	"slices"
)

// Change is what an overlay does to one vocabulary.
type Change struct {
	Vocabulary string      `json:"vocabulary"`
	Concepts   int         `json:"concepts"` // with the overlay
	Before     int         `json:"before"`
	Complete   bool        `json:"complete"`
	Added      []string    `json:"added"`   // ids
	Removed    []string    `json:"removed"` // ids
	Labels     []Relabeled `json:"labels"`  // of concepts that were there before
	Codes      int         `json:"codes"`   // new ones of such concepts
}

// Relabeled is a label that is new or differs.
type Relabeled struct {
	ID       string `json:"id"`
	Language string `json:"language"`
	Before   string `json:"before"` // "" when there was none
	Now      string `json:"now"`
}

// Changes compares what an overlay would give with what one before it gives, vocabulary by vocabulary;
// it lists those that update names. All three have to be usable (Check).
func Changes(before, after Overlay, update Overlay) []Change {
	old, now := embedded().With(before), embedded().With(after)
	out := []Change{}
	for _, name := range slices.Sorted(maps.Keys(update)) {
		out = append(out, change(name, old[name], now[name], update[name].Complete))
	}
	return out
}

func change(name string, before, now List, complete bool) Change {
	c := Change{
		Vocabulary: name, Concepts: len(now.Entries), Before: len(before.Entries), Complete: complete,
		Added: []string{}, Removed: []string{}, Labels: []Relabeled{},
	}
	left := make(map[string]Entry, len(before.Entries))
	for _, e := range before.Entries {
		left[e.ID] = e
	}
	for _, e := range now.Entries {
		was, ok := left[e.ID]
		if !ok {
			c.Added = append(c.Added, e.ID)
			continue
		}
		delete(left, e.ID)
		c.Codes += len(e.Codes) - len(was.Codes)
		for _, tag := range slices.Sorted(maps.Keys(e.Labels)) {
			if was.Labels[tag] != e.Labels[tag] {
				c.Labels = append(c.Labels, Relabeled{e.ID, tag, was.Labels[tag], e.Labels[tag]})
			}
		}
	}
	c.Removed = append(c.Removed, slices.Sorted(maps.Keys(left))...)
	slices.Sort(c.Added)
	return c
}
