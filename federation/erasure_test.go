package federation_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
)

const (
	erasureDomain, erasureType = "coursemesh-erasure", "/coursemesh/erasure/1"
)

func sampleErasure(n int) federation.Erasure {
	e := federation.Erasure{Provider: "uni.example", Issued: 1_790_000_000}
	for i := range n {
		e.Records = append(e.Records, rawCID(fmt.Sprint(i)))
	}
	return e
}

func sealErasure(t testing.TB, e federation.Erasure, signer string) []byte {
	t.Helper()
	b, err := e.Seal(keyOf(t, signer))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestErasure(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 24, federation.MaxErased} {
		b := sealErasure(t, sampleErasure(n), "a")
		e, err := federation.OpenErasure(b)
		if err != nil || len(e.Records) != n || e.Provider != "uni.example" || e.Publisher != publisherOf(t, "a") {
			t.Errorf("%d records: %+v, %v", n, e, err)
		}
		if len(b) > federation.MaxErasure {
			t.Errorf("%d records take %d bytes", n, len(b))
		}
	}
	for _, n := range []int{0, federation.MaxErased + 1} {
		_, err := sampleErasure(n).Seal(keyOf(t, "a"))
		refused(t, err, "%d records", n)
	}
}

func TestThreat38ForgedErasures(t *testing.T) {
	t.Parallel()
	good := sealErasure(t, sampleErasure(3), "a")
	for bit := range 8 * len(good) {
		altered := bytes.Clone(good)
		altered[bit/8] ^= 1 << (bit % 8)
		if _, err := federation.OpenErasure(altered); err == nil {
			t.Fatalf("accepted with bit %d altered", bit)
		}
	}
	_, err := federation.OpenErasure(append(bytes.Clone(good), 0x7a, 1, 0))
	refused(t, err, "an appended field")
	payload := payloadOf(t, erasureDomain, good)
	for name, b := range map[string][]byte{
		"another's signature":      sealedByLibp2p(erasureDomain, erasureType, payload, keyOf(t, "b")),
		"signature of a record":    sealedByLibp2p(recordDomain, erasureType, payload, keyOf(t, "a")),
		"type of a record":         sealedByLibp2p(erasureDomain, recordType, payload, keyOf(t, "a")),
		"provider that is no name": sealedByLibp2p(erasureDomain, erasureType, bytes.Replace(payload, []byte("uni.example"), []byte("uni_example"), 1), keyOf(t, "a")),
		"unsorted records":         sealedByLibp2p(erasureDomain, erasureType, swapped(payload), keyOf(t, "a")),
	} {
		_, err := federation.OpenErasure(b)
		refused(t, err, "%s", name)
	}
}

// swapped exchanges the first two records of a payload.
func swapped(payload []byte) []byte {
	const link = 41 // bytes
	mark := []byte("\xd8\x2a\x58\x25\x00")
	at := bytes.Index(payload, mark)
	out := bytes.Clone(payload)
	copy(out[at:], payload[at+link:at+2*link])
	copy(out[at+link:], payload[at:at+link])
	return out
}

func FuzzOpenErasure(f *testing.F) {
	valid := sealErasure(f, sampleErasure(2), "a")
	f.Add(valid)
	f.Add(payloadOf(f, erasureDomain, valid))
	owner := keyOf(f, "a")
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, envelope := range [][]byte{b, sealedByLibp2p(erasureDomain, erasureType, b, owner)} {
			if e, err := federation.OpenErasure(envelope); err == nil {
				sealedAgain(t, envelope, func() ([]byte, error) { return e.Seal(owner) })
			}
		}
	})
}
