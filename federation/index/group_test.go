package index_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/coursemesh/coursemesh/federation/index"
	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// oneOfEach names by plain means the documents that searches show: of those connected by texts that at
// most sixteen share the one with the lowest rank, then key.
func oneOfEach(docs map[string]index.Document) []string {
	holders := map[string][]string{}
	for key, d := range docs {
		for _, id := range d.Same {
			holders[id] = append(holders[id], key)
		}
	}
	shown, done := []string{}, map[string]bool{}
	for key := range docs {
		if done[key] {
			continue
		}
		group := []string{key}
		done[key] = true
		for i := 0; i < len(group); i++ {
			for _, id := range docs[group[i]].Same {
				for _, other := range holders[id] {
					if len(holders[id]) <= 16 && !done[other] {
						done[other] = true
						group = append(group, other)
					}
				}
			}
		}
		shown = append(shown, slices.MinFunc(group, func(a, b string) int {
			if docs[a].Rank != docs[b].Rank {
				return int(docs[a].Rank) - int(docs[b].Rank)
			}
			if a < b {
				return -1
			}
			return 1
		}))
	}
	slices.Sort(shown)
	return shown
}

func TestRecordsOfOneCourseAreShownOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ix, docs := index.New(index.Config{}), map[string]index.Document{}
		key := rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("course|p.example|urn:x:%d", rapid.IntRange(0, 24).Draw(t, "n"))
		})
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			var added []index.Document
			for _, k := range rapid.SliceOfNDistinct(key, 0, 25, rapid.ID).Draw(t, "added") {
				d := index.Document{Key: k, Rank: uint8(rapid.IntRange(0, 2).Draw(t, "rank"))}
				for _, id := range rapid.SliceOfNDistinct(rapid.IntRange(0, 12), 0, 2, rapid.ID).Draw(t, "same") {
					d.Same = append(d.Same, fmt.Sprint(min(id, 8))) // 8 is in many
				}
				d.Same = slices.Compact(d.Same)
				added, docs[k] = append(added, d), d
			}
			removed := rapid.SliceOfNDistinct(key, 0, 8, rapid.ID).Draw(t, "removed")
			ix.Apply(added, nil)
			ix.Apply(nil, removed)
			for _, k := range removed {
				delete(docs, k)
			}
			result, err := ix.Search(context.Background(), index.Query{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, h := range result.Hits {
				got = append(got, h.Key)
			}
			slices.Sort(got)
			if diff := gocmp.Diff(oneOfEach(docs), got); diff != "" || result.Total != len(got) || ix.Len() != len(docs) {
				t.Fatalf("total %d, of %d: %s", result.Total, ix.Len(), diff)
			}
		}
	})
}
