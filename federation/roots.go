package federation

import (
	"bytes"
	"crypto/sha256"
	"slices"
)

// Row is a line of the authority table; Roots hash the two tables.
type Row struct {
	Provider, Domain string
	Publisher        PublisherID
	Class            Class
	Rank             int // index among all pairs of the provider, best 0
	Effective        bool
}

// Rows are the lines of one provider's pairs, best first.
func Rows(pairs []Pair) []Row {
	best, found := Best(pairs)
	var rows []Row
	for i, p := range Rank(pairs) {
		rows = append(rows, Row{
			Provider: p.Provider, Domain: p.Domain, Publisher: p.Publisher, Class: p.Class,
			Rank: i, Effective: found && p == best,
		})
	}
	return rows
}

// AuthorityRoot is sha2-256 of the DAG-CBOR list of rows, bytewise sorted. Rows of classes that do not
// speak (unverified, local) are left out, since nodes differ in whom of those they keep.
func AuthorityRoot(rows []Row) [32]byte {
	var encoded [][]byte
	for _, r := range rows {
		if r.Class.Speaks() {
			encoded = append(encoded, r.encode())
		}
	}
	return listRoot(encoded)
}

func (r Row) encode() []byte {
	b := appendHead(nil, majorList, 6)
	b = appendText(b, r.Provider)
	b = appendText(b, r.Domain)
	b = appendText(b, string(r.Publisher))
	b = appendText(b, string(r.Class))
	b = appendHead(b, majorUint, uint64(r.Rank))
	if r.Effective {
		return append(b, simpleTrue)
	}
	return append(b, simpleFalse)
}

// HeadRow is a line of the heads table. Publishers that speak for no domain have none.
type HeadRow struct {
	Publisher   PublisherID
	Payload     [32]byte
	ProvenEpoch uint64 // highest proven epoch; 0 is null
}

// HeadsRoot is sha2-256 of the DAG-CBOR list of rows, bytewise sorted.
func HeadsRoot(rows []HeadRow) [32]byte {
	var encoded [][]byte
	for _, r := range rows {
		encoded = append(encoded, r.encode())
	}
	return listRoot(encoded)
}

func (r HeadRow) encode() []byte {
	b := appendHead(nil, majorList, 3)
	b = appendText(b, string(r.Publisher))
	b = append(appendHead(b, majorBytes, uint64(len(r.Payload))), r.Payload[:]...)
	if r.ProvenEpoch == 0 {
		return append(b, simpleNull)
	}
	return appendHead(b, majorUint, r.ProvenEpoch)
}

func appendText(b []byte, s string) []byte {
	return append(appendHead(b, majorText, uint64(len(s))), s...)
}

// listRoot hashes the list of encoded rows in bytewise order.
func listRoot(rows [][]byte) [32]byte {
	slices.SortFunc(rows, bytes.Compare)
	list := appendHead(nil, majorList, uint64(len(rows)))
	return sha256.Sum256(append(list, bytes.Join(rows, nil)...))
}
