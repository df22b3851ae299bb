package api_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/discovery"
	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/journal"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// node is a small node without a network: a real store, catalogue, index and API.
type node struct {
	t         testing.TB
	api       *api.API
	db        *store.DB
	authority *authority.Authority
	catalogue *catalogue.Catalogue
	index     *index.Index
	journal   *journal.Journal
	self      publisher
	dumps     string
	stop      func()
}

type publisher struct {
	key crypto.PrivKey
	id  federation.PublisherID
}

func newPublisher(t testing.TB) publisher {
	t.Helper()
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id, err := federation.PublisherOf(key.GetPublic())
	if err != nil {
		t.Fatal(err)
	}
	return publisher{key, id}
}

// stranger is a publisher of which peers show a head that the node does not hold.
const stranger = "12D3KooWC1PDhtnNeFAbjdeQgtMSLMtwXxAudCr2RYtUAk3efB5C"

// newNode starts a node that trusts self for every domain.
func newNode(t testing.TB) *node {
	t.Helper()
	return newNodeWith(t, func(*authority.Config) {})
}

// newNodeWith starts one that knows and trusts what change adds.
func newNodeWith(t testing.TB, change func(*authority.Config)) *node {
	t.Helper()
	db, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	self := newPublisher(t)
	config := authority.Config{
		DB: db, Trust: []authority.Trust{{ID: self.id, Provider: "*", Class: federation.Member}},
		Providers: []federation.Provider{
			{ID: "uni.example", Name: "University of Example", Country: "DE", Aliases: []string{"DE0001", "DEQARINST0815", "https://uni.example/org"}},
			{ID: "lyon.example", Name: "Université de Lyon-Exemple", Country: "FR", Website: "https://www.lyon.example/"},
			{ID: "silent.example", Name: "Silent University", Country: "AT"},
		},
		Now: func() time.Time { return now },
	}
	change(&config)
	known, err := authority.New(config)
	if err != nil {
		t.Fatal(err)
	}
	cat := catalogue.New(catalogue.Config{DB: db, Authority: known, Self: self.id})
	ix := index.New(index.Config{Catalogue: cat, Get: db.Get, Known: known.Known, Alliances: known.AlliancesOf, Now: func() time.Time { return now }})
	changes, err := journal.New(journal.Config{DB: db, Catalogue: cat, Note: api.Note(db.Get)})
	if err != nil {
		t.Fatal(err)
	}
	n := &node{t: t, db: db, journal: changes, authority: known, catalogue: cat, index: ix, self: self, dumps: filepath.Join(t.TempDir(), "dump")}
	n.api, err = api.New(api.Config{
		DB: db, Catalogue: cat, Authority: known, Index: ix, Now: func() time.Time { return now },
		Node:  api.Node{Name: "Test node", Alliance: "Alliance of Tests", Version: "0.0.1", Publisher: self.id, Peer: "12D3KooPeer"},
		Dumps: n.dumps, Changes: changes, Streams: 30, Sources: harvested{}, Validate: validatorOf(t).Text, CheckManifest: checkOf,
		Replicas: func() map[federation.PublisherID]api.Replica {
			return map[federation.PublisherID]api.Replica{
				stranger: {State: "refused", Reason: "publisher has no authority here"}, self.id: {State: "in sync"},
			}
		},
		Peers: func() []api.Peer { return []api.Peer{{ID: "12D3KooOther", Connected: true}} },
		Discovery: func(provider string) (discovery.Result, bool) {
			return discovery.Result{Provider: provider, Probes: []discovery.Probe{
				{Domain: provider, Method: "dns", Outcome: "not_found", Reason: "no TXT record"},
				{Domain: provider, Method: "well-known", URL: "https://" + provider + "/.well-known/x", Outcome: "not_parsable", Reason: "line 3: tab"},
			}}, provider == "silent.example"
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = cat.Run(ctx) })
	running.Go(func() { _ = ix.Run(ctx) })
	running.Go(func() { _ = changes.Run(ctx) })
	n.stop = func() { cancel(); running.Wait() }
	t.Cleanup(func() {
		cancel()
		running.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// statement is a record to be published.
type statement struct {
	provider, domain, subject, turtle string
	issued                            int64
	kind                              federation.Kind // a course when empty
}

const prefixes = `@prefix ql: <http://data.quality-link.eu/ontology/v1#> . @prefix elm: <http://data.europa.eu/snb/model/elm/> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix adms: <http://www.w3.org/ns/adms#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
`

// publish signs the records as the publisher's next head and waits until the index shows them.
func (n *node) publish(p publisher, statements ...statement) map[string]cid.Cid {
	n.t.Helper()
	var ops []store.Op
	var blocks []store.Block
	domains := map[string]bool{}
	out := map[string]cid.Cid{}
	for _, s := range statements {
		if s.domain == "" {
			s.domain = s.provider
		}
		domains[s.domain] = true
		record := federation.Record{
			Kind: cmp.Or(s.kind, federation.KindCourse), Subject: s.subject, Provider: s.provider, Graph: graph(n.t, s.turtle),
			Source: federation.Source{Domain: s.domain, ID: "main"}, Mapping: "elmrdf/1", Issued: 1_700_000_000 + s.issued,
		}
		envelope, err := record.Seal(p.key)
		if err != nil {
			n.t.Fatal(err)
		}
		if _, err := federation.OpenRecord(envelope); err != nil {
			n.t.Fatalf("%s: %v", s.subject, err)
		}
		c := federation.CIDOf(envelope)
		record.Publisher, out[s.subject] = p.id, c
		op := store.Op{Key: record.Key(), New: c, Domain: s.domain, Bytes: len(envelope)}
		if old, err := n.db.Entry(p.id, op.Key); err == nil {
			op.Old = old.CID
		}
		ops, blocks = append(ops, op), append(blocks, store.Block{CID: c, Data: envelope})
	}
	if err := n.db.Stage(context.Background(), blocks); err != nil {
		n.t.Fatal(err)
	}
	n.switchTo(p, ops, domains)
	return out
}

func graph(t testing.TB, turtle string) []byte {
	t.Helper()
	var triples []rdf.Triple
	for triple, err := range rdf.Decode(strings.NewReader(prefixes+turtle), rdf.Turtle, "https://base.example/", rdf.Limits{}) {
		if err != nil {
			t.Fatalf("%v in\n%s", err, turtle)
		}
		triples = append(triples, triple)
	}
	b, err := rdf.Canonical(triples)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (n *node) switchTo(p publisher, ops []store.Op, domains map[string]bool) {
	n.t.Helper()
	held, err := n.db.Switch(context.Background(), p.id, ops, func(next store.Next) ([]byte, error) {
		h := federation.Head{
			Epoch: 1, Seq: next.Prev.Seq + 1, Prev: next.Prev.CID, Root: next.Root, Count: next.Count, Bytes: next.Bytes,
			Issued: now.Unix(), Node: federation.NodeInfo{Name: "Publisher's node", URL: "https://node.example/"},
		}
		for d := range domains {
			h.Domains = append(h.Domains, d)
		}
		for _, d := range next.Prev.Domains {
			if !domains[d] {
				h.Domains = append(h.Domains, d)
			}
		}
		sortStrings(h.Domains)
		return h.Seal(p.key)
	})
	if err != nil {
		n.t.Fatal(err)
	}
	if err := n.catalogue.Update(context.Background()); err != nil {
		n.t.Fatal(err)
	}
	n.await(held.Publisher, ops)
}

// await blocks until catalogue and index show what was switched.
func (n *node) await(p federation.PublisherID, ops []store.Op) {
	n.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		effective, local := n.catalogue.Count()
		if n.index.Len() == effective+local && n.shows(p, ops) {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	n.t.Fatal("the index does not show what was published")
}

func (n *node) shows(p federation.PublisherID, ops []store.Op) bool {
	for _, op := range ops {
		item, ok := n.catalogue.Get(op.Key)
		if !op.New.Defined() { // withdrawn
			if ok || n.index.Group(op.Key) != nil {
				return false
			}
			continue
		}
		if !ok && p != n.self.id && !n.counts(p, op.Key) {
			continue
		}
		if !ok || item.Publisher == p && item.CID != op.New {
			return false
		}
		if strings.HasPrefix(op.Key, string(federation.KindOffering)) {
			if n.index.Group(op.Key) == nil {
				return false
			}
			continue // in no search over courses
		}
		r, err := n.index.Search(context.Background(), index.Query{Identifiers: []string{subjectOf(op.Key)}})
		if err != nil || len(r.Hits) == 0 {
			return false
		}
		for _, hit := range r.Hits {
			if hit.Key == op.Key && hit.CID != item.CID { // as it was before
				return false
			}
		}
	}
	return true
}

// counts says that the publisher is the effective one of the key's provider.
func (n *node) counts(p federation.PublisherID, key string) bool {
	_, provider, _, _ := federation.SplitKey(key)
	return slices.ContainsFunc(n.catalogue.StandingsOf(provider), func(s catalogue.Standing) bool { return s.Publisher == p && s.Effective })
}

func subjectOf(key string) string {
	_, _, subject, _ := federation.SplitKey(key)
	return subject
}

// get asks the API; accept may be "".
func (n *node) get(target string, header ...string) *httptest.ResponseRecorder {
	n.t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	n.api.ServeHTTP(w, r)
	return w
}

// json asks the API and decodes what must be a success.
func (n *node) json(target string, into any) *httptest.ResponseRecorder {
	n.t.Helper()
	w := n.get(target)
	if w.Code != http.StatusOK {
		n.t.Fatalf("%s: status %d: %s", target, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		n.t.Fatalf("%s: %v", target, err)
	}
	return w
}

func sortStrings(s []string) {
	for i := range s {
		for j := i; j > 0 && s[j] < s[j-1]; j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
	}
}

// sample is a catalogue of three courses of two providers.
func sample(t testing.TB) *node {
	t.Helper()
	n := newNode(t)
	fill(t, n)
	return n
}

// fill publishes the sample.
func fill(t testing.TB, n *node) {
	t.Helper()
	n.publish(n.self,
		statement{provider: "uni.example", subject: databases, turtle: fmt.Sprintf(databasesTurtle, databases)},
		statement{provider: "uni.example", subject: "https://uni.example/courses/ai", turtle: `<https://uni.example/courses/ai> a ql:LearningOpportunitySpecification ;
			dcterms:title "Artificial Intelligence"@en ; adms:identifier [ a elm:Identifier ; skos:notation "AI-1" ] ; ql:isActive false ;
			elm:EQFLevel <http://data.europa.eu/snb/eqf/7> .`},
		statement{provider: "lyon.example", subject: "https://www.lyon.example/c/hist", turtle: `<https://www.lyon.example/c/hist> a ql:LearningOpportunitySpecification ;
			dcterms:title "Histoire de l'économie"@fr ; dcterms:language <http://publications.europa.eu/resource/authority/language/FRA> ;
			adms:identifier [ a elm:Identifier ; skos:notation "AI-1" ] ; elm:EQFLevel <http://data.europa.eu/snb/eqf/6> .`},
	)
}

const databases = "urn:schac:uniqueCourseId:uni.example:INF%2F201"

const databasesTurtle = `<%[1]s> a ql:LearningOpportunitySpecification ;
	dcterms:title "Databases"@en, "Datenbanken"@de ; dcterms:description "Relational algebra and transactions."@en ;
	adms:identifier [ a elm:Identifier ; skos:notation "INF/201" ] ;
	owl:sameAs <https://uni.example/courses/201> ;
	dcterms:language <http://publications.europa.eu/resource/authority/language/ENG>, <http://publications.europa.eu/resource/authority/language/DEU> ;
	elm:EQFLevel <http://data.europa.eu/snb/eqf/6> ; elm:ISCEDFCode <http://data.europa.eu/snb/isced-f/0612> ;
	elm:creditPoint [ a elm:CreditPoint ; elm:framework <http://data.europa.eu/snb/education-credit/6fcec5c5af> ; elm:point "5" ] ;
	elm:learningOutcome [ a elm:LearningOutcome ; dcterms:title "Writes queries."@en , "Schreibt Abfragen."@de ] ;
	foaf:homepage [ a elm:WebResource ; elm:contentUrl "https://uni.example/db"^^xsd:anyURI ] ;
	elm:learningOpportunity <%[1]s:offering:1> .
<%[1]s:offering:1> a ql:LearningOpportunityInstance ; elm:learningAchievementSpecification <%[1]s> ; dcterms:title "Databases, spring"@en ;
	elm:mode <http://data.europa.eu/snb/learning-assessment/920fbb3cbe> ;
	dcterms:temporal [ a dcterms:PeriodOfTime ; elm:startDate "2027-03-01"^^xsd:date ; elm:endDate "2027-07-31"^^xsd:date ] .`
