package api_test

import (
	"encoding/json"
	"testing"

	"github.com/coursemesh/coursemesh/api"
)

func TestVocabularies(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	var all api.List[api.Vocabulary]
	if err := json.Unmarshal(n.get("/v1/vocabularies").Body.Bytes(), &all); err != nil || len(all.Items) < 16 {
		t.Fatalf("%d vocabularies, %v", len(all.Items), err)
	}
	for _, v := range all.Items {
		w := n.get("/v1/vocabularies/" + v.Name)
		var list api.List[api.Concept]
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != 200 || len(list.Items) != v.Concepts || list.Total != v.Concepts {
			t.Errorf("%s: status %d, %d concepts of %d, %v", v.Name, w.Code, len(list.Items), v.Concepts, err)
		}
		if v.Scheme == "" || v.Base == "" {
			t.Errorf("%+v", v)
		}
	}
	var modes api.List[api.Concept]
	if err := json.Unmarshal(n.get("/v1/vocabularies/mode").Body.Bytes(), &modes); err != nil {
		t.Fatal(err)
	}
	for _, c := range modes.Items {
		if c.ID == "920fbb3cbe" && (c.Label != "Online" || c.Labels["en"] != "Online" || c.Labels["de"] != "online" || c.Labels["fr"] != "En ligne") {
			t.Errorf("%+v", c)
		}
	}
}
