// Package federation holds what nodes must agree on, without I/O: provider, manifest, record,
// tree, head, equivocation proof and precedence. Validity is judged from the bytes alone
// (docs/protocol.md): two independent implementations accept the same bytes and reach the same roots.
package federation

import (
	"context"
	"errors"
	"iter"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// PublisherID is the libp2p peer ID (base58 "12D3Koo...") of an Ed25519 publisher key.
type PublisherID string

// PublisherOf is the id of a key; it fails for anything but Ed25519.
func PublisherOf(key crypto.PubKey) (PublisherID, error) { panic("unwritten") }

// Valid reports whether the text is the peer ID of an Ed25519 key, in its one canonical spelling.
func (p PublisherID) Valid() bool { panic("unwritten") }

// Kind of a record. "statement" is reserved and refused.
type Kind string

const (
	KindCourse   Kind = "course"
	KindOffering Kind = "offering"
	KindProvider Kind = "provider"
	KindAlliance Kind = "alliance"
)

// ErrInvalid is wrapped by every refusal of foreign bytes; the text says which rule failed.
var ErrInvalid = errors.New("invalid")

// Source says from whose announcement a record was harvested.
type Source struct {
	Domain string // provider id from which discovery began
	ID     string // the manifest's source id, else its path
}

// Record is a publisher's statement of one course graph (PROTOCOL section 2).
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

// Key is kind|provider|subject.
func (r Record) Key() string { panic("unwritten") }

// SplitKey undoes Key; provider ids and kinds hold no '|', subjects may.
func SplitKey(key string) (kind Kind, provider, subject string, err error) { panic("unwritten") }

// Seal encodes and signs the record; it fails when the record is not one that OpenRecord accepts
// as to fields and sizes (the graph is taken as canonical). r.Publisher is set from the key.
func (r Record) Seal(key crypto.PrivKey) (envelope []byte, err error) { panic("unwritten") }

// OpenRecord verifies everything a receiver must: strict envelope, signature, strict payload,
// limits, canonical graph within budget, reachability, no second specification.
func OpenRecord(envelope []byte) (Record, error) { panic("unwritten") }

// DecodeRecord is OpenRecord without signature and graph checks, for blocks of our own store,
// which were opened before they were staged and are hashed on every read.
func DecodeRecord(envelope []byte) (Record, error) { panic("unwritten") }

// CIDOf is the CIDv1 (raw, sha2-256) of envelope bytes.
func CIDOf(envelope []byte) cid.Cid { panic("unwritten") }

// NodeInfo is what a head says about the node that signed it.
type NodeInfo struct{ Name, Alliance, URL string }

// Head is a publisher's signed tree root (PROTOCOL section 2).
type Head struct {
	Publisher  PublisherID
	Epoch, Seq uint64
	Prev       cid.Cid // CID of the previous head's envelope; Undef is null
	Root       cid.Cid
	Count      uint64 // records
	Bytes      uint64 // sum of envelope lengths
	Domains    []string
	Issued     int64
	Node       NodeInfo
}

// Seal encodes and signs the head. h.Publisher is set from the key.
func (h Head) Seal(key crypto.PrivKey) ([]byte, error) { panic("unwritten") }

// OpenHead verifies a head envelope strictly.
func OpenHead(envelope []byte) (Head, error) { panic("unwritten") }

// Compare orders heads of one publisher by (epoch, seq): -1, 0, +1.
func (h Head) Compare(o Head) int { panic("unwritten") }

// PayloadHash is the sha2-256 of the payload inside a valid envelope.
func PayloadHash(envelope []byte) ([32]byte, error) { panic("unwritten") }

// Proof of equivocation: two valid head envelopes with equal publisher, epoch and seq, and different
// signed payloads; ordered so that a pair has one encoding.
type Proof struct {
	Publisher  PublisherID
	Epoch, Seq uint64
	A, B       []byte
}

// NewProof checks and orders a pair.
func NewProof(a, b []byte) (Proof, error) { panic("unwritten") }

// Encode is DAG-CBOR; OpenProof verifies everything again.
func (p Proof) Encode() []byte          { panic("unwritten") }
func OpenProof(b []byte) (Proof, error) { panic("unwritten") }

// Blocks keeps tree nodes by CID (the tree never reads foreign ones).
type Blocks interface {
	Get(ctx context.Context, c cid.Cid) ([]byte, error)
	Put(ctx context.Context, c cid.Cid, data []byte) error
}

// Tree is a mutable view of a publisher's set: key -> record CID, a go-hamt-ipld v3 HAMT
// (bit width 5, sha2-256, DAG-CBOR, values tag 42). The root does not depend on the order of operations.
type Tree struct { /* owner's fields */
}

// EmptyTree and LoadTree open a tree over blocks.
func EmptyTree(b Blocks) (*Tree, error)                                    { panic("unwritten") }
func LoadTree(ctx context.Context, b Blocks, root cid.Cid) (*Tree, error)  { panic("unwritten") }
func (t *Tree) Get(ctx context.Context, key string) (cid.Cid, bool, error) { panic("unwritten") }
func (t *Tree) Set(ctx context.Context, key string, c cid.Cid) error       { panic("unwritten") }
func (t *Tree) Delete(ctx context.Context, key string) (bool, error)       { panic("unwritten") }

// Flush writes changed nodes and returns the root.
func (t *Tree) Flush(ctx context.Context) (cid.Cid, error) { panic("unwritten") }

// RootOf computes the root of a whole set in memory, keeping no blocks.
func RootOf(ctx context.Context, entries iter.Seq2[string, cid.Cid]) (cid.Cid, error) {
	panic("unwritten")
}

// TreeNodes visits the CIDs of all nodes under root (own trees only), for collection.
func TreeNodes(ctx context.Context, b Blocks, root cid.Cid, visit func(cid.Cid) error) error {
	panic("unwritten")
}

// Limits of PROTOCOL sections 1 and 2.
const (
	MaxSubject  = 2 << 10
	MaxRecord   = 1 << 20
	MaxHead     = 16 << 10
	MaxDomains  = 200
	MaxSequence = 1<<53 - 1
)

// Class of a publisher for a source domain, highest first (PROTOCOL section 3).
type Class string

const (
	Delegated     Class = "delegated"
	Member        Class = "member"
	AllianceClass Class = "alliance"
	Authoritative Class = "authoritative"
	Unverified    Class = "unverified"
	Local         Class = "local" // harvested here, may not speak; below all classes and outside both roots
)

// Relation of a source domain to the provider it speaks about, best first.
type Relation int

const (
	Own        Relation = iota // domain equals provider
	Delegate                   // the provider's manifest lists the domain in delegates
	OfAlliance                 // the domain is an alliance with that member
	Configured                 // the operator's configuration says so
	None                       // may not speak
)

// Pair is a candidate (source domain, publisher) for a provider, with all that ranks it.
type Pair struct {
	Provider, Domain string
	Publisher        PublisherID
	Class            Class
	Relation         Relation
	Order            int  // place in the domain's manifest, 0 first; for other classes 0
	Lists            bool // the publisher's effective head lists the domain
	Records          int  // of this pair for this provider
}

// Best picks the effective pair of one provider, or false: precedence of PROTOCOL section 3
// 'Effective records'. Never time, never per course; independent of the order of pairs.
func Best(pairs []Pair) (Pair, bool) { panic("unwritten") }

// Row is a line of the authority table; Roots hash the two tables.
type Row struct {
	Provider, Domain string
	Publisher        PublisherID
	Class            Class
	Rank             int
	Effective        bool
}

// AuthorityRoot is sha2-256 of the DAG-CBOR list of rows, bytewise sorted.
func AuthorityRoot(rows []Row) [32]byte { panic("unwritten") }

// HeadRow is a line of the heads table.
type HeadRow struct {
	Publisher   PublisherID
	Payload     [32]byte
	ProvenEpoch uint64 // highest proven epoch; 0 is null
}

// HeadsRoot is sha2-256 of the DAG-CBOR list of rows, bytewise sorted.
func HeadsRoot(rows []HeadRow) [32]byte { panic("unwritten") }
