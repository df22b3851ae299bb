package federation_test

import (
	"encoding/binary"
	"maps"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
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

// forgeryRounds is the figure of the long runs, or a fifth of it.
func forgeryRounds() int {
	if os.Getenv("COURSEMESH_SOAK") != "" {
		return 100_000
	}
	return 20_000
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

// Every bit, every cut and every appended byte of one record, head and proof; in short runs one bit of each byte.
func TestThreat15EveryBitCounts(t *testing.T) {
	t.Parallel()
	proof, err := federation.NewProof(sealHead(t, sampleHead(), "a"), sealHead(t, rival(), "a"))
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
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			everyBitCounts(t, c.valid, c.open)
		})
	}
}

func everyBitCounts(t *testing.T, valid []byte, open func([]byte) error) {
	t.Helper()
	if err := open(valid); err != nil {
		t.Fatal(err)
	}
	for i := range valid {
		for bit := range 8 {
			if testing.Short() && bit != i%8 {
				continue
			}
			b := slices.Clone(valid)
			b[i] ^= 1 << bit
			refused(t, open(b), "bit %d of byte %d flipped", bit, i)
		}
		refused(t, open(valid[:i]), "cut after %d bytes", i)
	}
	for b := range 256 {
		refused(t, open(append(slices.Clone(valid), byte(b))), "%x appended", b)
	}
}
