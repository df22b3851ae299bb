package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/api"
)

// Lists that grow with the network come in pages: following next gives each item of the whole list once.
func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	n := sample(t)
	n.publish(newPublisher(t), titled("urn:x:other", "Of a stranger", 5))
	for _, path := range []string{"/v1/providers", "/v1/publishers", "/v1/heads", "/v1/sources", "/v1/peers", "/v1/alliances"} {
		var whole, page api.List[json.RawMessage]
		n.json(path, &whole)
		if whole.Next != nil || whole.Total != len(whole.Items) {
			t.Errorf("%s: the whole list has total %d, next %v", path, whole.Total, whole.Next)
		}
		var got []string
		for target := path + "?limit=1"; target != ""; {
			page = api.List[json.RawMessage]{}
			w := n.json(target, &page)
			if len(page.Items) > 1 || page.Total != whole.Total || page.Next != nil && !strings.Contains(w.Header().Get("Link"), *page.Next) {
				t.Fatalf("%s: %d items, total %d, Link %q", target, len(page.Items), page.Total, w.Header().Get("Link"))
			}
			for _, item := range page.Items {
				got = append(got, string(item))
			}
			if target = ""; page.Next != nil {
				u, err := url.Parse(*page.Next)
				if err != nil {
					t.Fatal(err)
				}
				target = u.RequestURI()
			}
		}
		for i, item := range whole.Items {
			if i >= len(got) || got[i] != string(item) {
				t.Errorf("%s: %d of %d items in pages, or another order", path, len(got), len(whole.Items))
				break
			}
		}
		for _, wrong := range []string{"?limit=0", "?limit=5001", "?cursor=x", "?cursor=-1"} {
			if code := n.get(path + wrong).Code; code != http.StatusBadRequest {
				t.Errorf("%s%s: %d", path, wrong, code)
			}
		}
	}
}
