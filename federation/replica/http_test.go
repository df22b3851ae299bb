package replica_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/erasure"
	"github.com/coursemesh/coursemesh/federation/replica"
	"github.com/coursemesh/coursemesh/p2p"
)

// overHTTP makes a node follow another by HTTP requests alone, through middle.
func overHTTP(n *node, middle func(http.Handler) http.Handler) option {
	server := httptest.NewServer(middle(n.host))
	n.t.Cleanup(server.Close)
	post := func(ctx context.Context, url string, body []byte) (int, io.ReadCloser, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return 0, nil, err
		}
		resp, err := server.Client().Do(r)
		if err != nil {
			return 0, nil, err
		}
		return resp.StatusCode, resp.Body, nil
	}
	return func(_ *replica.Config, c *p2p.Config) {
		c.Outbound, c.Remotes = true, []p2p.Remote{{URL: server.URL + "/v1/sync", Post: post}}
	}
}

func asIs(h http.Handler) http.Handler { return h }

// A node without any port follows another over HTTP: sets, changes, proofs and notices of erasure.
func TestFollowOverHTTP(t *testing.T) {
	t.Parallel()
	publisher := newAuthor(t)
	trusted := newTrust(publisher.id)
	var theirs, ours *erasure.Register
	a := newNode(t, trusted, self(publisher.id), erasing(&theirs, trusted))
	b := newNode(t, trusted, overHTTP(a, asIs), erasing(&ours, trusted))
	if addrs := b.host.Addrs(); len(addrs) != 0 {
		t.Errorf("it listens on %v", addrs)
	}
	first := publisher.publish(a.db, courses(0, 2500, "first"), nil)
	b.waitFor(first)
	sameSet(t, a, b, publisher.id)

	edit := courses(100, 300, "changed")
	for name := range courses(500, 700, "") {
		edit[name] = ""
	}
	second := publisher.publish(a.db, edit, nil)
	b.waitFor(second)
	sameSet(t, a, b, publisher.id)

	if _, err := theirs.Add(publisher.notice(first.CID)); err != nil {
		t.Fatal(err)
	}
	until(t, "the notice", func() bool { _, list := ours.Erasures(); return len(list) == 1 })

	twin := second.Head
	twin.Issued++
	envelope, err := twin.Seal(publisher.key)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := federation.NewProof(second.Envelope, envelope)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.db.AddProof(proof); err != nil {
		t.Fatal(err)
	}
	until(t, "the proof", func() bool { epoch, err := b.db.Proven(publisher.id); return err == nil && epoch == 1 })
}

// TestThreat15And18LyingOverHTTP: whatever lies between, nothing false is stored, and the truth comes through
// once the lies end.
func TestThreat15And18LyingOverHTTP(t *testing.T) {
	t.Parallel()
	publisher := newAuthor(t)
	trusted := newTrust(publisher.id)
	a := newNode(t, trusted, self(publisher.id))
	lies := 4
	lying := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			body := rec.Body.Bytes()
			if r.URL.Path == "/v1/sync/records" && lies > 0 && len(body) > 0 {
				lies--
				if lies%2 == 0 {
					body = body[:len(body)/2] // cut short, and honestly ended
				}
			}
			w.WriteHeader(rec.Code)
			_, _ = w.Write(body)
		})
	}
	b := newNode(t, trusted, overHTTP(a, lying))
	first := publisher.publish(a.db, courses(0, 300, "first"), nil)
	b.waitFor(first)
	sameSet(t, a, b, publisher.id)
}
