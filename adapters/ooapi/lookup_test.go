package ooapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coursemesh/coursemesh/adapters/ooapi"
)

// A course that names thousands of objects, each of which would be asked for alone, at one a second, does not keep a run
// busy for days: the rest is left out with a finding, and the next course has look-ups of its own.
func TestLookUpsOfOneCourseAreLimited(t *testing.T) {
	t.Parallel()
	course := func(id string, outcomes int) string {
		ids := make([]string, outcomes)
		for i := range ids {
			ids[i] = fmt.Sprintf("%s-%d", id, i)
		}
		text, _ := json.Marshal(map[string]any{
			"courseId": id, "primaryCode": map[string]string{"codeType": "identifier", "code": id},
			"name": []any{map[string]string{"language": "en", "value": "Course " + id}}, "learningOutcomeIds": ids,
		})
		return string(text)
	}
	var asked atomic.Int64
	s := server{courses: []string{course("greedy", 3000), course("modest", 20)}, page: plainPage, other: func(w http.ResponseWriter, r *http.Request) {
		id, ok := strings.CutPrefix(r.URL.Path, "/v5/learning-outcomes/")
		if !ok {
			http.NotFound(w, r)
			return
		}
		asked.Add(1)
		fmt.Fprintf(w, `{"learningOutcomeId":%q,"name":[{"language":"en","value":"Can %s"}]}`, id, id)
	}}
	src := at(s.start(t))
	src.Version = "6"
	got := read(t, ooapi.New(ooapi.Limits{}), src)
	if got.end != nil || len(got.items) != 2 || asked.Load() != 520 {
		t.Fatalf("%v; %d items, %d look-ups", got.end, len(got.items), asked.Load())
	}
	for i, want := range []bool{true, false} {
		said := false
		for _, n := range got.items[i].Notes {
			said = said || n.Field == "learning-outcomes" && strings.Contains(n.Fix, "serve the list")
		}
		if said != want {
			t.Errorf("course %d: %+.300v", i, got.items[i].Notes)
		}
	}
}
