package p2p

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/google/go-cmp/cmp"
	"github.com/ipfs/go-cid"
	"github.com/ipld/go-car/v2"
	"github.com/ipld/go-car/v2/storage"
)

// What we write is a CARv1 for the reference implementation, and what it writes is one for us.
func TestCARIsCompatible(t *testing.T) {
	t.Parallel()
	root := testCID(0)
	var ours bytes.Buffer
	ours.Write(carHeader(root))
	var theirs bytes.Buffer
	w, err := storage.NewWritable(&theirs, []cid.Cid{root}, car.WriteAsCarV1(true))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		data := fmt.Append(nil, "block ", i)
		if err := writeSection(&ours, testCID(i), data); err != nil {
			t.Fatal(err)
		}
		if err := w.Put(t.Context(), testCID(i).KeyString(), data); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(theirs.Bytes(), ours.Bytes()); diff != "" {
		t.Fatalf("reference writer (-want +got):\n%s", diff)
	}
	in := bufio.NewReader(&ours)
	if err := readHeader(in, root); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		data, err := readSection(in, testCID(i))
		if err != nil || federation.CIDOf(data) != testCID(i) {
			t.Fatalf("section %d: %v", i, err)
		}
	}
	if _, err := readSection(in, testCID(5)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("end: %v", err)
	}
}

func TestForgedSections(t *testing.T) {
	t.Parallel()
	section := func(c cid.Cid, data string) []byte {
		var b bytes.Buffer
		if err := writeSection(&b, c, []byte(data)); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for name, body := range map[string][]byte{
		"wrong bytes":       section(testCID(1), "block 2"),
		"another block":     section(testCID(2), "block 2"),
		"other codec":       section(cid.NewCidV1(cid.DagCBOR, testCID(1).Hash()), "block 1"),
		"too long":          {0x80, 0x80, 0x80, 0x01},
		"too short":         {3, 1, 0x55, 0x12},
		"padded length":     append([]byte{0xab, 0x00}, section(testCID(1), "block 1")[1:]...),
		"length of 64 bits": {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01},
	} {
		if _, err := readSection(bytes.NewReader(body), testCID(1)); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: got %v, want ErrProtocol", name, err)
		}
	}
}
