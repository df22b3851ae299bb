package federation_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// field is a protobuf field of an envelope, as written.
type field struct{ tag, length, value []byte }

func (f field) bytes() []byte { return slices.Concat(f.tag, f.length, f.value) }

// split takes a valid envelope apart: key, payload type, payload, signature.
func split(envelope []byte) []field {
	var out []field
	for len(envelope) > 0 {
		n, size := binary.Uvarint(envelope[1:])
		end := 1 + size + int(n)
		out = append(out, field{envelope[:1:1], envelope[1 : 1+size : 1+size], envelope[1+size : end : end]})
		envelope = envelope[end:]
	}
	return out
}

func joined(fields []field) []byte {
	var out []byte
	for _, f := range fields {
		out = append(out, f.bytes()...)
	}
	return out
}

// padded is the same varint with one byte more than it needs.
func padded(varint []byte) []byte {
	out := slices.Clone(varint)
	out[len(out)-1] |= 0x80
	return append(out, 0)
}

// forger makes envelopes that must be refused out of one that is valid.
type forger struct {
	domain, codec string
	valid         []byte
	payload       []byte
	owner, thief  crypto.PrivKey
	other         []byte // a valid envelope of the other type, by the same owner
}

// envelopeForgeries leave the payload alone.
func (f forger) envelopeForgeries() map[string]func(*rand.Rand) []byte {
	fields := func() []field { return split(slices.Clone(f.valid)) }
	return map[string]func(*rand.Rand) []byte{
		"byte changed": func(rng *rand.Rand) []byte {
			b := slices.Clone(f.valid)
			b[rng.IntN(len(b))] ^= byte(1 + rng.IntN(255))
			return b
		},
		"byte inserted": func(rng *rand.Rand) []byte {
			at := rng.IntN(len(f.valid) + 1)
			b := slices.Insert(slices.Clone(f.valid), at, byte(rng.Uint32()))
			return b
		},
		"bytes removed": func(rng *rand.Rand) []byte {
			at := rng.IntN(len(f.valid))
			return slices.Delete(slices.Clone(f.valid), at, min(len(f.valid), at+1+rng.IntN(40)))
		},
		"unknown field": func(rng *rand.Rand) []byte {
			extra := [][]byte{{4 << 3, 1}, {6<<3 | 2, 1, 'x'}, {7<<3 | 5, 1, 2, 3, 4}, {8<<3 | 1, 1, 2, 3, 4, 5, 6, 7, 8}, {9<<3 | 3, 9<<3 | 4}, {0xfa, 1, 0}}
			parts := fields()
			return joined(slices.Insert(parts, rng.IntN(len(parts)+1), field{tag: extra[rng.IntN(len(extra))]}))
		},
		"field twice": func(rng *rand.Rand) []byte {
			parts := fields()
			return joined(slices.Insert(parts, rng.IntN(len(parts)+1), parts[rng.IntN(len(parts))]))
		},
		"fields out of order": func(rng *rand.Rand) []byte {
			parts := fields()
			a := rng.IntN(len(parts))
			b := (a + 1 + rng.IntN(len(parts)-1)) % len(parts)
			parts[a], parts[b] = parts[b], parts[a]
			return joined(parts)
		},
		"field missing": func(rng *rand.Rand) []byte {
			at := rng.IntN(4)
			return joined(slices.Delete(fields(), at, at+1))
		},
		"varint not minimal": func(rng *rand.Rand) []byte {
			parts := fields()
			if one := &parts[rng.IntN(4)]; rng.IntN(2) == 0 {
				one.tag = padded(one.tag)
			} else {
				one.length = padded(one.length)
			}
			return joined(parts)
		},
		"varint not minimal in the key": func(rng *rand.Rand) []byte {
			parts := fields()
			key := parts[0].value
			at := rng.IntN(4)
			key = slices.Concat(key[:at], padded(key[at:at+1]), key[at+1:])
			parts[0] = field{parts[0].tag, []byte{byte(len(key))}, key}
			return joined(parts)
		},
		"other kind of key": func(rng *rand.Rand) []byte {
			parts := fields()
			parts[0].value[1] = []byte{0, 2, 3, 4}[rng.IntN(4)]
			return joined(parts)
		},
		"unknown field in the key": func(rng *rand.Rand) []byte {
			parts := fields()
			parts[0].value = append(parts[0].value, 3<<3, byte(rng.IntN(128)))
			parts[0].length = []byte{byte(len(parts[0].value))}
			return joined(parts)
		},
		"another's key": func(*rand.Rand) []byte {
			parts := fields()
			copy(parts[0].value[4:], raw(f.thief.GetPublic()))
			return joined(parts)
		},
		"another's key and signature": func(*rand.Rand) []byte { return f.sealed(f.payload, f.thief) },
		"another's signature": func(*rand.Rand) []byte {
			parts := fields()
			parts[3] = split(f.sealed(f.payload, f.thief))[3]
			return joined(parts)
		},
		"signature of the other kind of statement": func(*rand.Rand) []byte {
			parts := fields()
			parts[3] = split(f.other)[3]
			return joined(parts)
		},
		"the other kind of statement": func(*rand.Rand) []byte { return f.other },
		"signed for another domain": func(rng *rand.Rand) []byte {
			domains := []string{"coursemesh", "libp2p-peer-record", "coursemesh-record", "coursemesh-head"}
			domain := domains[rng.IntN(len(domains))]
			if domain == f.domain {
				domain += "s"
			}
			return sealedByLibp2p(domain, f.codec, f.payload, f.owner)
		},
		"signed for another payload type": func(rng *rand.Rand) []byte {
			codecs := []string{"/coursemesh/record/2", "/coursemesh/head/2", "/coursemesh/head/10", "x"}
			return sealedByLibp2p(f.domain, codecs[rng.IntN(len(codecs))], f.payload, f.owner)
		},
		"malleated signature": func(rng *rand.Rand) []byte {
			parts := fields()
			malleate(parts[3].value, 1+rng.IntN(7))
			return joined(parts)
		},
	}
}

// malleate adds a multiple of the group order to the scalar of a signature: without the check of
// RFC 8032 section 5.1.7 it would verify as well.
func malleate(signature []byte, times int) {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	scalar := slices.Clone(signature[32:])
	slices.Reverse(scalar)
	sum := new(big.Int).Add(new(big.Int).SetBytes(scalar), order.Mul(order, big.NewInt(int64(times))))
	sum.FillBytes(scalar)
	slices.Reverse(scalar)
	copy(signature[32:], scalar)
}

func raw(key crypto.PubKey) []byte {
	b, err := key.Raw()
	if err != nil {
		panic(err)
	}
	return b
}

func (f forger) sealed(payload []byte, key crypto.PrivKey) []byte {
	return sealedByLibp2p(f.domain, f.codec, payload, key)
}

// forgeries adds payloads that are faulty, but truly signed by the publisher they name.
func (f forger) forgeries() map[string]func(*rand.Rand) []byte {
	out := f.envelopeForgeries()
	for name, fault := range cborFaults() {
		out["payload: "+name] = func(rng *rand.Rand) []byte {
			root, _ := parseItem(f.payload)
			fault(rng, root)
			return f.sealed(root.write(nil), f.owner)
		}
	}
	return out
}

// attack opens forgeries of all kinds and expects every one to be refused.
func (f forger) attack(t *testing.T, rounds int, open func([]byte) error) {
	t.Helper()
	if err := open(f.valid); err != nil {
		t.Fatalf("the statement to forge is refused: %v", err)
	}
	kinds := f.forgeries()
	names := slices.Sorted(maps.Keys(kinds))
	rng := rand.New(rand.NewPCG(15, uint64(rounds)))
	for i := range rounds {
		name := names[i%len(names)]
		b := kinds[name](rng)
		if err := open(b); err == nil {
			t.Fatalf("%s: accepted\n%x", name, b)
		} else {
			refused(t, err, "%s", name)
		}
	}
}

// forgeryRounds is the figure of the threat list, or a fifth of it in short runs.
func forgeryRounds() int {
	if testing.Short() {
		return 20_000
	}
	return 100_000
}

func openRecord(b []byte) error   { _, err := federation.OpenRecord(b); return err }
func decodeRecord(b []byte) error { _, err := federation.DecodeRecord(b); return err }
func openHead(b []byte) error     { _, err := federation.OpenHead(b); return err }
func openProof(b []byte) error    { _, err := federation.OpenProof(b); return err }

func recordForger(t testing.TB) forger {
	valid := sealRecord(t, sampleRecord(), "a")
	return forger{
		domain: recordDomain, codec: recordType, valid: valid, payload: payloadOf(t, recordDomain, valid),
		owner: keyOf(t, "a"), thief: keyOf(t, "thief"), other: sealHead(t, sampleHead(), "a"),
	}
}

func headForger(t testing.TB) forger {
	valid := sealHead(t, sampleHead(), "a")
	return forger{
		domain: headDomain, codec: headType, valid: valid, payload: payloadOf(t, headDomain, valid),
		owner: keyOf(t, "a"), thief: keyOf(t, "thief"), other: sealRecord(t, sampleRecord(), "a"),
	}
}

func TestThreat15ForgedStatementsAreRefused(t *testing.T) {
	t.Parallel()
	t.Run("record", func(t *testing.T) {
		t.Parallel()
		recordForger(t).attack(t, forgeryRounds()/2, openRecord)
	})
	t.Run("head", func(t *testing.T) {
		t.Parallel()
		headForger(t).attack(t, forgeryRounds()/2, openHead)
	})
}

// Every bit, every cut and every appended byte of one record, head and proof.
func TestThreat15EveryBitCounts(t *testing.T) {
	t.Parallel()
	changed := sampleHead()
	changed.Count++
	proof, err := federation.NewProof(sealHead(t, sampleHead(), "a"), sealHead(t, changed, "a"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		valid []byte
		open  func([]byte) error
	}{
		{"record", sealRecord(t, sampleRecord(), "a"), openRecord},
		{"head", sealHead(t, sampleHead(), "a"), openHead},
		{"proof", proof.Encode(), openProof},
	} {
		if err := c.open(c.valid); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for i := range c.valid {
			for bit := range 8 {
				b := slices.Clone(c.valid)
				b[i] ^= 1 << bit
				refused(t, c.open(b), "%s with bit %d of byte %d flipped", c.name, bit, i)
			}
			refused(t, c.open(c.valid[:i]), "%s cut after %d bytes", c.name, i)
		}
		for b := range 256 {
			refused(t, c.open(append(slices.Clone(c.valid), byte(b))), "%s with %x appended", c.name, b)
		}
	}
}

// What a good signature does not excuse: values out of range, and names that are not the signer's.
func TestThreat15SignedNonsenseIsRefused(t *testing.T) {
	t.Parallel()
	number := func(n uint64) *item { return &item{arg: n} }
	type change struct {
		path  string
		value *item
	}
	f, h := recordForger(t), headForger(t)
	thief := string(publisherOf(t, "thief"))
	for _, c := range []struct {
		forger
		open    func([]byte) error
		changes []change
	}{
		{f, decodeRecord, []change{
			{"v", number(0)}, {"v", number(2)}, {"kind", text("statement")}, {"kind", text("Course")}, {"kind", text("")},
			{"kind", text("offering|uni.example")}, {"publisher", text(thief)}, {"publisher", text("")}, {"issued", number(1 << 53)},
			{"provider", text("Uni.example")}, {"provider", text("uni")}, {"provider", text("uni.example.")}, {"provider", text("münchen.example")},
			{"provider", text("uni|x.example")}, {"provider", text("10.0.0.1")}, {"provider", text("deqarinst")}, {"provider", text("")},
			{"subject", text("course/1")}, {"subject", text("https:")}, {"subject", text("1https://x")}, {"subject", text("https://x/a b")},
			{"subject", text("https://x/<a>")}, {"subject", text("https://x/a|b")}, {"subject", text("https://x/\x7f\x00")}, {"subject", text("")},
			{"licence", text("")}, {"credit", text("")}, {"mapping", text("")}, {"mapping", null()},
			{"source domain", text("")}, {"source domain", text("https://alliance.example")}, {"source id", text("")},
			{"graph", &item{major: 2}}, {"graph", null()},
		}},
		{f, openRecord, []change{
			{"subject", text("https://uni.example/course/2")}, {"graph", graph("text")}, {"graph", graph("\n" + courseGraph)},
			{"graph", graph(courseGraph + "<https://x.example/a> <https://x.example/b> <https://x.example/c> .\n")},
			{"graph", graph(courseGraph + courseGraph)}, {"graph", graph(strings.ReplaceAll(courseGraph, "c14n0", "b0"))},
			{"graph", graph(strings.Replace(courseGraph, `"@en`, `"@EN`, 1))}, {"graph", graph(strings.Replace(courseGraph, "T", "\\u0054", 1))},
			{"graph", graph(courseGraph + "_:c14n0 " + secondSpecification)},
		}},
		{h, openHead, []change{
			{"v", number(0)}, {"v", number(2)}, {"publisher", text(thief)}, {"epoch", number(0)}, {"seq", number(0)}, {"epoch", number(1 << 53)},
			{"seq", number(1 << 53)}, {"count", number(1 << 53)}, {"bytes", number(1 << 63)}, {"issued", number(1<<64 - 1)}, {"root", null()},
			{"prev", null()}, {"domains", null()}, {"domains", list("uni.example", "alliance.example")}, {"domains", list("uni.example", "uni.example")},
			{"domains", list("")}, {"domains", list("Uni.example")}, {"node url", text("javascript:alert(1)")}, {"node url", text("mesh.example")},
			{"node url", null()}, {"node name", null()}, {"node alliance", null()},
		}},
	} {
		for _, change := range c.changes {
			root, _ := parseItem(c.payload)
			*root.at(words(change.path)...) = change.value
			refused(t, c.open(c.sealed(root.write(nil), c.owner)), "%s = %x", change.path, change.value.write(nil))
		}
	}
	first, _ := parseItem(h.payload)
	*first.at("epoch"), *first.at("seq") = number(1), number(1)
	refused(t, openHead(h.sealed(first.write(nil), h.owner)), "first head with a prev")
}

func graph(quads string) *item { return &item{major: 2, data: []byte(quads)} }

const secondSpecification = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://data.europa.eu/snb/model/elm/Qualification> .\n"

func list(texts ...string) *item {
	out := &item{major: 4}
	for _, s := range texts {
		out.items = append(out.items, text(s))
	}
	return out
}

func words(path string) (out []string) {
	for _, w := range bytes.Fields([]byte(path)) {
		out = append(out, string(w))
	}
	return out
}

func TestThreat18Limits(t *testing.T) {
	t.Parallel()
	f, h := recordForger(t), headForger(t)
	long := func(n int) *item { return text(string(bytes.Repeat([]byte("a"), n))) }
	for _, c := range []struct {
		path    string
		largest int
		prefix  string
	}{
		{"subject", federation.MaxSubject, "urn:"}, {"source id", 2048, ""}, {"mapping", 128, ""}, {"licence", 2048, ""}, {"credit", 2048, ""},
	} {
		for _, over := range []int{0, 1} {
			root, _ := parseItem(f.payload)
			*root.at(words(c.path)...) = text(c.prefix + string(long(c.largest+over-len(c.prefix)).data))
			_, err := federation.DecodeRecord(f.sealed(root.write(nil), f.owner))
			if over == 0 && err != nil {
				t.Errorf("%s of %d bytes: %v", c.path, c.largest, err)
			} else if over == 1 {
				refused(t, err, "%s of %d bytes", c.path, c.largest+1)
			}
		}
	}
	for path, largest := range map[string]int{"node name": 256, "node alliance": 256} {
		root, _ := parseItem(h.payload)
		*root.at(words(path)...) = long(largest + 1)
		refused(t, openHead(h.sealed(root.write(nil), h.owner)), "%s of %d bytes", path, largest+1)
	}
}

func TestThreat18OversizedRecord(t *testing.T) {
	t.Parallel()
	r := sampleRecord()
	envelope := sealRecord(t, r, "a")
	room := federation.MaxRecord - len(envelope) - 3 // two lengths grow by 2 and 1 bytes
	r.Graph = append([]byte(courseGraph), bytes.Repeat([]byte("x"), room)...)
	full := sealRecord(t, r, "a")
	for len(full) < federation.MaxRecord {
		r.Graph = append(r.Graph, 'x')
		full = sealRecord(t, r, "a")
	}
	if _, err := federation.DecodeRecord(full); err != nil || len(full) != federation.MaxRecord {
		t.Errorf("record of %d bytes: %v", len(full), err)
	}
	r.Graph = append(r.Graph, 'x')
	_, err := r.Seal(keyOf(t, "a"))
	refused(t, err, "Seal of a record over the limit")
	root, _ := parseItem(payloadOf(t, recordDomain, full))
	(*root.at("graph")).data = r.Graph
	_, err = federation.DecodeRecord(sealedByLibp2p(recordDomain, recordType, root.write(nil), keyOf(t, "a")))
	refused(t, err, "record of %d bytes", federation.MaxRecord+1)
}

func TestThreat18OversizedHead(t *testing.T) {
	t.Parallel()
	h := sampleHead()
	h.Domains = nil
	for i := range federation.MaxDomains {
		h.Domains = append(h.Domains, fmt.Sprintf("u%04d.example", i))
	}
	if _, err := federation.OpenHead(sealHead(t, h, "a")); err != nil {
		t.Errorf("head with %d domains: %v", len(h.Domains), err)
	}
	h.Domains = append(h.Domains, "v.example")
	more := sealHead(t, h, "a")
	_, err := federation.OpenHead(more)
	refused(t, err, "head with %d domains", len(h.Domains))
	if got, err := federation.OpenHeadUpTo(more, 201); err != nil || len(got.Domains) != 201 {
		t.Errorf("head with 201 domains at a receiver that takes them: %v", err)
	}
	for i := range 1000 {
		h.Domains = append(h.Domains, fmt.Sprintf("v%04d.example", i))
	}
	_, err = h.Seal(keyOf(t, "a"))
	refused(t, err, "head over 16 KiB")
}
