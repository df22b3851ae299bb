package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/ipfs/go-cid"
	car "github.com/ipld/go-car/v2"
	carstore "github.com/ipld/go-car/v2/storage"

	"github.com/coursemesh/coursemesh/federation"
)

// FuzzVerify: a file that somebody sends is judged valid or not, with a reason, whatever is in it.
func FuzzVerify(f *testing.F) {
	files, err := filepath.Glob("../../../testdata/vectors/*.envelope")
	if err != nil || len(files) == 0 {
		f.Fatalf("no vectors: %v", err)
	}
	for _, name := range append(files, "../../../testdata/vectors/proof.cbor") {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(carOf(f, data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		v, err := judgeFile(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		if v.Valid != (v.Reason == "") {
			t.Fatalf("%+v", v)
		}
	})
}

// carOf is a CAR file with one block, which it names as its root.
func carOf(f *testing.F, data []byte) []byte {
	f.Helper()
	root := federation.CIDOf(data)
	var out bytes.Buffer
	w, err := carstore.NewWritable(&out, []cid.Cid{root}, car.WriteAsCarV1(true))
	if err != nil {
		f.Fatal(err)
	}
	if err := w.Put(context.Background(), root.KeyString(), data); err != nil {
		f.Fatal(err)
	}
	return out.Bytes()
}
