package federation

import (
	"strings"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// Kind of a record. "statement" is reserved and refused.
type Kind string

// The kinds. Records of providers and alliances inform; they never confer authority.
const (
	KindCourse   Kind = "course"
	KindOffering Kind = "offering" // an instance that points at another institution's specification
	KindProvider Kind = "provider"
	KindAlliance Kind = "alliance"
)

func (k Kind) valid() bool {
	switch k {
	case KindCourse, KindOffering, KindProvider, KindAlliance:
		return true
	}
	return false
}

// Source says from whose announcement a record was harvested.
type Source struct {
	Domain string // provider id from which discovery began
	ID     string // the manifest's source id, else its path
}

// Record is a publisher's statement of one course graph.
type Record struct {
	Kind      Kind
	Subject   string // IRI, at most 2 KiB
	Provider  string // provider id
	Graph     []byte // canonical N-Quads
	Source    Source
	Mapping   string  // adapter and version of its mapping, e.g. "elmrdf/1"
	Snapshot  cid.Cid // Undef is null
	Licence   string  // "" is null
	Credit    string  // "" is null
	Issued    int64   // Unix seconds
	Prev      cid.Cid // Undef is null
	Publisher PublisherID
}

// Key is kind|provider|subject, the record's place in its publisher's tree.
func (r Record) Key() string { return string(r.Kind) + "|" + r.Provider + "|" + r.Subject }

// SplitKey undoes Key; it fails with ErrInvalid for what is the key of no valid record.
func SplitKey(key string) (kind Kind, provider, subject string, err error) {
	first, rest, _ := strings.Cut(key, "|")
	provider, subject, _ = strings.Cut(rest, "|")
	if err := checkKey(Kind(first), provider, subject); err != nil {
		return "", "", "", err
	}
	return Kind(first), provider, subject, nil
}

// Seal encodes and signs the record; it fails when the record is not one that OpenRecord accepts
// as to fields and sizes (the graph is taken as canonical). The publisher is set from the key.
func (r Record) Seal(key crypto.PrivKey) (envelope []byte, err error) {
	if r.Publisher, err = PublisherOf(key.GetPublic()); err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	payload, err := encode(len(r.Graph)+1<<10, r.fields)
	if err != nil {
		return nil, err
	}
	return recordStatement().seal(payload, key)
}

// OpenRecord verifies everything a receiver must: strict envelope, signature, strict payload,
// limits, canonical graph within budget, reachability, no second specification.
func OpenRecord(envelope []byte) (Record, error) {
	r, e, err := decodeRecord(envelope)
	if err != nil {
		return Record{}, err
	}
	if err := recordStatement().verify(e); err != nil {
		return Record{}, err
	}
	if err := r.checkGraph(); err != nil {
		return Record{}, err
	}
	return r, nil
}

// DecodeRecord is OpenRecord without signature and graph checks, for blocks of our own store,
// which were opened before they were staged and are hashed on every read.
func DecodeRecord(envelope []byte) (Record, error) {
	r, _, err := decodeRecord(envelope)
	return r, err
}

func decodeRecord(b []byte) (r Record, e envelope, err error) {
	if e, err = recordStatement().parse(b); err != nil {
		return Record{}, e, err
	}
	if err := decode(e.payload, r.fields); err != nil {
		return Record{}, e, err
	}
	if err := r.check(); err != nil {
		return Record{}, e, err
	}
	return r, e, e.signedBy(r.Publisher)
}

// fields walks over the payload.
func (r *Record) fields(f *form) {
	issued := uint64(r.Issued) // what is negative becomes too large
	f.mapping("record", 13)
	f.version()
	f.text("kind", (*string)(&r.Kind), maxName)
	f.linkOrNull("prev", &r.Prev, cid.Raw)
	f.bytes("graph", &r.Graph, MaxRecord)
	f.textOrNull("credit", &r.Credit, MaxTerms)
	f.number("issued", &issued)
	f.key("source")
	f.mapping("source", 2)
	f.text("id", &r.Source.ID, maxSourceID)
	f.text("domain", &r.Source.Domain, maxDomain)
	f.textOrNull("licence", &r.Licence, MaxTerms)
	f.text("mapping", &r.Mapping, maxMapping)
	f.text("subject", &r.Subject, MaxSubject)
	f.text("provider", &r.Provider, maxDomain)
	f.linkOrNull("snapshot", &r.Snapshot, cid.Raw)
	f.text("publisher", (*string)(&r.Publisher), publisherLen)
	r.Issued = int64(issued)
}

// check judges what the fields hold; their sizes are judged by fields.
func (r Record) check() error {
	if err := checkKey(r.Kind, r.Provider, r.Subject); err != nil {
		return err
	}
	switch {
	case !providerID(r.Source.Domain):
		return invalid("source.domain %q is no provider id", r.Source.Domain)
	case r.Source.ID == "":
		return invalid("source.id is empty")
	case r.Mapping == "":
		return invalid("mapping is empty")
	case len(r.Graph) == 0:
		return invalid("graph is empty")
	}
	return nil
}

func checkKey(kind Kind, provider, subject string) error {
	switch {
	case !kind.valid():
		return invalid("kind %q is not course, offering, provider or alliance", clip(string(kind)))
	case !providerID(provider):
		return invalid("provider %q is no provider id", clip(provider))
	case len(subject) > MaxSubject:
		return invalid("subject is longer than %d bytes", MaxSubject)
	case !ValidIRI(subject):
		return invalid("subject %q is no absolute IRI", clip(subject))
	}
	return nil
}

// checkGraph judges the graph: canonical, within budget, about the subject and nothing else.
func (r Record) checkGraph() error {
	triples, err := rdf.ParseCanonical(r.Graph)
	if err != nil {
		return invalid("graph: %w", err)
	}
	check := elm.CheckReachable
	if r.Kind == KindCourse {
		check = elm.Check
	}
	if err := check(r.Subject, triples); err != nil {
		return invalid("graph: %w", err)
	}
	return nil
}
