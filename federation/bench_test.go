package federation_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
)

// The signature alone is the floor: BenchmarkOpenHead and the share of BenchmarkOpenRecord that is not the
// graph should stay near it.
func BenchmarkVerifyAlone(b *testing.B) {
	key := raw(keyOf(b, "a").GetPublic())
	message := make([]byte, 1200)
	signature, err := keyOf(b, "a").Sign(message)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if !ed25519.Verify(key, message, signature) {
			b.Fatal("bad signature")
		}
	}
}

func BenchmarkOpenHead(b *testing.B) {
	envelope := sealHead(b, sampleHead(), "a")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := federation.OpenHead(envelope); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenRecord(b *testing.B) {
	envelope := sealRecord(b, sampleRecord(), "a")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := federation.OpenRecord(envelope); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeRecord(b *testing.B) {
	envelope := sealRecord(b, sampleRecord(), "a")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := federation.DecodeRecord(envelope); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealRecord(b *testing.B) {
	key, record := keyOf(b, "a"), sampleRecord()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := record.Seal(key); err != nil {
			b.Fatal(err)
		}
	}
}
