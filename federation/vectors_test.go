package federation_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/google/go-cmp/cmp"
	"github.com/ipfs/go-cid"
)

// The vectors are for other implementations; docs/protocol.md says how to use them. They are made here from
// fixed keys and inputs, and every run of the tests makes them again and compares byte for byte.

var update = flag.Bool("update", false, "write the vectors anew")

const vectors = "../testdata/vectors"

// golden compares a file of the vectors, or writes it.
func golden(t *testing.T, name string, content []byte) {
	t.Helper()
	path := filepath.Join(vectors, name)
	if *update {
		if err := os.MkdirAll(vectors, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	held, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(held, content) {
		t.Errorf("%s no longer is what this code makes; after a deliberate change of the protocol run with -update", path)
	}
}

func goldenJSON(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	golden(t, name, b.Bytes())
}

// statementVector is a statement that must be accepted, with what is read from it.
type statementVector struct {
	Name    string         `json:"name"`
	File    string         `json:"file"`
	Signer  string         `json:"signer"`
	CID     string         `json:"cid"`
	Payload string         `json:"payload_sha256"`
	Key     string         `json:"key,omitempty"`
	Fields  map[string]any `json:"fields"`
}

// refusalVector must be refused; the name says what is wrong with it.
type refusalVector struct {
	Name  string `json:"name"`
	Bytes string `json:"base64"`
}

type statementVectors struct {
	Domain      string            `json:"domain"`
	PayloadType string            `json:"payload_type"`
	Valid       []statementVector `json:"valid"`
	Refused     []refusalVector   `json:"refused"`
}

func statementVectorOf(t *testing.T, name, signer string, envelope []byte, fields map[string]any) statementVector {
	t.Helper()
	hash, err := federation.PayloadHash(envelope)
	if err != nil {
		t.Fatal(err)
	}
	file := name + ".envelope"
	golden(t, file, envelope)
	return statementVector{
		Name: name, File: file, Signer: signer, CID: federation.CIDOf(envelope).String(),
		Payload: hex.EncodeToString(hash[:]), Fields: fields,
	}
}

// refusals are one forgery of each kind and every change of a field that must not be.
func (f forger) refusals(changes []change) []refusalVector {
	out := []refusalVector{}
	rng := rand.New(rand.NewPCG(1, 1))
	kinds := f.forgeries()
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		out = append(out, refusalVector{name, base64.StdEncoding.EncodeToString(kinds[name](rng))})
	}
	for _, c := range changes {
		value := c.value.write(nil)
		name := fmt.Sprintf("%s is CBOR %x", c.path, value[:min(len(value), 40)])
		out = append(out, refusalVector{name, base64.StdEncoding.EncodeToString(f.changed(c))})
	}
	return out
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func linkOrNull(c cid.Cid) any {
	if !c.Defined() {
		return nil
	}
	return c.String()
}

func recordFields(r federation.Record) map[string]any {
	return map[string]any{
		"v": 1, "kind": r.Kind, "subject": r.Subject, "provider": r.Provider, "graph": string(r.Graph),
		"source":  map[string]any{"domain": r.Source.Domain, "id": r.Source.ID},
		"mapping": r.Mapping, "snapshot": linkOrNull(r.Snapshot), "licence": orNull(r.Licence), "credit": orNull(r.Credit),
		"issued": r.Issued, "prev": linkOrNull(r.Prev), "publisher": r.Publisher,
	}
}

func headFields(h federation.Head) map[string]any {
	return map[string]any{
		"v": 1, "publisher": h.Publisher, "epoch": h.Epoch, "seq": h.Seq, "prev": linkOrNull(h.Prev), "root": h.Root.String(),
		"count": h.Count, "bytes": h.Bytes, "domains": append([]string{}, h.Domains...), "issued": h.Issued,
		"node": map[string]any{"name": h.Node.Name, "alliance": h.Node.Alliance, "url": h.Node.URL},
	}
}

func TestVectorKeys(t *testing.T) {
	t.Parallel()
	type keyVector struct {
		Name      string                 `json:"name"`
		Seed      string                 `json:"seed"`
		Public    string                 `json:"public"`
		Publisher federation.PublisherID `json:"publisher"`
	}
	var keys []keyVector
	for _, name := range []string{"a", "b", "thief"} {
		private, err := keyOf(t, name).Raw()
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, keyVector{
			name, hex.EncodeToString(ed25519.PrivateKey(private).Seed()), hex.EncodeToString(private[32:]), publisherOf(t, name),
		})
	}
	goldenJSON(t, "keys.json", keys)
}

func TestVectorRecords(t *testing.T) {
	t.Parallel()
	bare := sampleRecord()
	bare.Snapshot, bare.Prev, bare.Licence, bare.Credit = cid.Undef, cid.Undef, "", ""
	bare.Provider, bare.Source = "deqarinst0815", federation.Source{Domain: "deqarinst0815", ID: "https://uni.example/courses.ttl"}
	offering := sampleRecord()
	offering.Kind, offering.Subject = federation.KindOffering, courseSubject+"#i"
	offering.Graph = []byte(`<https://uni.example/course/1#i> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://data.europa.eu/snb/model/elm/LearningOpportunity> .` + "\n")
	f := recordForger(t)
	file := statementVectors{Domain: recordDomain, PayloadType: recordType}
	file.Refused = f.refusals(append(recordNonsense(publisherOf(t, "thief")), graphNonsense()...))
	for name, r := range map[string]federation.Record{"record-course": sampleRecord(), "record-bare": bare, "record-offering": offering} {
		envelope := sealRecord(t, r, "a")
		read, err := federation.OpenRecord(envelope)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		v := statementVectorOf(t, name, "a", envelope, recordFields(read))
		v.Key = read.Key()
		file.Valid = append(file.Valid, v)
	}
	sortVectors(file.Valid)
	goldenJSON(t, "records.json", file)
	allRefused(t, file.Refused, openRecord)
}

func sortVectors(v []statementVector) {
	slices.SortFunc(v, func(a, b statementVector) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
}

func allRefused(t *testing.T, vectors []refusalVector, open func([]byte) error) {
	t.Helper()
	for _, v := range vectors {
		b, err := base64.StdEncoding.DecodeString(v.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, open(b), "%s", v.Name)
	}
}

func TestVectorHeads(t *testing.T) {
	t.Parallel()
	file := statementVectors{Domain: headDomain, PayloadType: headType, Refused: headForger(t).refusals(headNonsense(publisherOf(t, "thief")))}
	first := federation.Head{Epoch: 1, Seq: 1, Root: nodeCID([]byte{0x82, 0x40, 0x80}), Issued: 1790000000}
	newEpoch := sampleHead()
	newEpoch.Epoch, newEpoch.Seq = federation.MaxSequence, 1
	for name, h := range map[string]federation.Head{"head": sampleHead(), "head-first": first, "head-epoch": newEpoch} {
		envelope := sealHead(t, h, "a")
		read, err := federation.OpenHead(envelope)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		file.Valid = append(file.Valid, statementVectorOf(t, name, "a", envelope, headFields(read)))
	}
	sortVectors(file.Valid)
	goldenJSON(t, "heads.json", file)
	allRefused(t, file.Refused, openHead)
}

func TestVectorProofs(t *testing.T) {
	t.Parallel()
	a, b := sealHead(t, sampleHead(), "a"), sealHead(t, rival(), "a")
	proof, err := federation.NewProof(a, b)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "proof.cbor", proof.Encode())
	encode := func(a, b []byte) string { return base64.StdEncoding.EncodeToString(pairOf(a, b)) }
	bad := []refusalVector{
		{"pair in the wrong order", encode(proof.B, proof.A)},
		{"the same head twice", encode(a, a)},
		{"heads of two publishers", encode(a, sealHead(t, rival(), "b"))},
		{"another field appended to the envelope", encode(a, append(slices.Clone(a), 6<<3|2, 0))},
		{"a record instead of a head", encode(a, sealRecord(t, sampleRecord(), "a"))},
	}
	x, y := a, signedTwice(t)
	if bytes.Compare(x, y) > 0 {
		x, y = y, x
	}
	bad = append(bad, refusalVector{"two signatures of one payload", encode(x, y)})
	goldenJSON(t, "proofs.json", map[string]any{
		"valid": []any{map[string]any{
			"file": "proof.cbor", "publisher": proof.Publisher, "epoch": proof.Epoch, "seq": proof.Seq,
			"a_cid": federation.CIDOf(proof.A).String(), "b_cid": federation.CIDOf(proof.B).String(),
		}},
		"refused": bad,
	})
	allRefused(t, bad, openProof)
}

// The files as another implementation reads them: names, hashes and fields belong together.
func TestVectorsHold(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"records.json", "heads.json"} {
		content, err := os.ReadFile(filepath.Join(vectors, name))
		if err != nil {
			t.Fatal(err)
		}
		var file statementVectors
		if err := json.Unmarshal(content, &file); err != nil {
			t.Fatal(err)
		}
		if len(file.Valid) == 0 || len(file.Refused) == 0 {
			t.Errorf("%s holds nothing", name)
		}
		for _, v := range file.Valid {
			checkVector(t, file, v)
		}
	}
}

func checkVector(t *testing.T, file statementVectors, v statementVector) {
	t.Helper()
	envelope, err := os.ReadFile(filepath.Join(vectors, v.File))
	if err != nil {
		t.Fatal(err)
	}
	payload := payloadOf(t, file.Domain, envelope)
	if again := sealedByLibp2p(file.Domain, file.PayloadType, payload, keyOf(t, v.Signer)); !bytes.Equal(again, envelope) {
		t.Errorf("%s: libp2p signs and encodes other bytes", v.Name)
	}
	root, rest := parseItem(payload)
	if len(rest) != 0 {
		t.Errorf("%s: bytes after the payload", v.Name)
	}
	if diff := cmp.Diff(v.Fields, asJSON(root)); diff != "" {
		t.Errorf("%s: fields (-file +payload):\n%s", v.Name, diff)
	}
}

// asJSON is what encoding/json makes of the fields.
func asJSON(i *item) any {
	switch i.major {
	case 0:
		return float64(i.arg)
	case 2, 3:
		return string(i.data)
	case 4:
		out := []any{}
		for _, one := range i.items {
			out = append(out, asJSON(one))
		}
		return out
	case 5:
		out := map[string]any{}
		for k := 0; k < len(i.items); k += 2 {
			out[string(i.items[k].data)] = asJSON(i.items[k+1])
		}
		return out
	case 6:
		c, err := cid.Cast(i.items[0].data[1:])
		if err != nil {
			panic(err)
		}
		return c.String()
	}
	return nil
}
