package federation_test

import (
	"bytes"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
)

// What is accepted is exactly what the owner of the key sealed: with the same key, sealing what was read gives
// the same bytes (Ed25519 signatures are deterministic, and fuzzing cannot sign).

func FuzzOpenRecord(f *testing.F) {
	valid := sealRecord(f, sampleRecord(), "a")
	f.Add(valid)
	f.Add(payloadOf(f, recordDomain, valid))
	owner := keyOf(f, "a")
	f.Fuzz(func(t *testing.T, b []byte) {
		record, err := federation.DecodeRecord(b)
		if _, opened := federation.OpenRecord(b); opened == nil && err != nil {
			t.Fatalf("opened, but not decoded: %v", err)
		} else if opened == nil {
			sealedAgain(t, b, func() ([]byte, error) { return record.Seal(owner) })
		}
		if err == nil {
			if _, _, _, err := federation.SplitKey(record.Key()); err != nil {
				t.Fatal(err)
			}
		}
		inEnvelope := sealedByLibp2p(recordDomain, recordType, b, owner) // the payload on its own
		if record, err := federation.DecodeRecord(inEnvelope); err == nil {
			sealedAgain(t, inEnvelope, func() ([]byte, error) { return record.Seal(owner) })
		}
	})
}

func FuzzOpenHead(f *testing.F) {
	valid := sealHead(f, sampleHead(), "a")
	f.Add(valid)
	f.Add(payloadOf(f, headDomain, valid))
	owner := keyOf(f, "a")
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, envelope := range [][]byte{b, sealedByLibp2p(headDomain, headType, b, owner)} {
			if head, err := federation.OpenHead(envelope); err == nil {
				sealedAgain(t, envelope, func() ([]byte, error) { return head.Seal(owner) })
			}
		}
	})
}

func FuzzOpenProof(f *testing.F) {
	proof, err := federation.NewProof(sealHead(f, sampleHead(), "a"), sealHead(f, rival(), "a"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(proof.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if proof, err := federation.OpenProof(b); err == nil && !bytes.Equal(proof.Encode(), b) {
			t.Fatal("a proof with two encodings")
		}
	})
}

func sealedAgain(t *testing.T, b []byte, seal func() ([]byte, error)) {
	t.Helper()
	again, err := seal()
	if err != nil || !bytes.Equal(again, b) {
		t.Fatalf("read, but sealed as other bytes (%v)", err)
	}
}
