package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	car "github.com/ipld/go-car/v2"
)

// published starts a node that publishes two courses which its operator trusts, and returns the CIDs of its
// head and of a record.
func published(t *testing.T) (node *served, head, record string) {
	t.Helper()
	dir := t.TempDir()
	node = startServe(t, dir)
	file := filepath.Join(dir, "courses.ttl")
	if err := os.WriteFile(file, []byte(oddCourse("one")+oddCourse("two")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, call := range [][]string{
		{"publisher", "trust", node.ready.Publisher, "--provider", "odd.example"},
		{"harvest", file, "--provider", "odd.example", "--quiet"},
	} {
		if said, code := coursemesh(t, append(call, "--data-dir", dir)...); code != 0 {
			t.Fatalf("%v: exit %d: %s", call, code, said)
		}
	}
	var heads struct{ Items []struct{ CID string } }
	if err := json.Unmarshal(fetch(t, node.ready.HTTP+"/v1/heads"), &heads); err != nil || len(heads.Items) != 1 {
		t.Fatalf("%+v, %v", heads, err)
	}
	var found list
	if err := json.Unmarshal(fetch(t, node.ready.HTTP+"/v1/courses?limit=1"), &found); err != nil || len(found.Items) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	return node, heads.Items[0].CID, found.Items[0].Record
}

// TestGatewayAnswersAreIPFS: what the gateway serves as raw block or CAR, go-car reads and other software verifies.
func TestGatewayAnswersAreIPFS(t *testing.T) {
	t.Parallel()
	node, head, record := published(t)
	for what, text := range map[string]string{"head": head, "record": record} {
		c, err := cid.Decode(text)
		if err != nil {
			t.Fatal(err)
		}
		raw := fetch(t, node.ready.HTTP+"/ipfs/"+text+"?format=raw")
		if federation.CIDOf(raw) != c {
			t.Errorf("%s: the raw answer hashes to %s", what, federation.CIDOf(raw))
		}
		blocks := carBlocks(t, fetch(t, node.ready.HTTP+"/ipfs/"+text+"?format=car"))
		if !bytes.Equal(blocks[c], raw) {
			t.Errorf("%s: its CAR has %d blocks, and not this one", what, len(blocks))
		}
	}
}

// carBlocks reads a CAR whose hashes go-car checks.
func carBlocks(t *testing.T, data []byte) map[cid.Cid][]byte {
	t.Helper()
	reader, err := car.NewBlockReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out := map[cid.Cid][]byte{}
	for {
		block, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out[block.Cid()] = block.RawData()
	}
}

// TestOtherBitswap: a client built on another version of boxo and libp2p gets single blocks. It is a module of its
// own, and building it takes minutes: only the long form does.
func TestOtherBitswap(t *testing.T) {
	if !soaking() {
		t.Skip("builds another version of the network stack; runs with make soak")
	}
	client := filepath.Join(t.TempDir(), "interop")
	build := exec.Command("go", "build", "-o", client, ".")
	build.Dir = "../../../p2p/interop"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	node, head, record := published(t)
	out, err := exec.Command(client, node.ready.P2P[0], head, record).CombinedOutput()
	if err != nil || !strings.Contains(string(out), head) || !strings.Contains(string(out), record) {
		t.Errorf("%v: %s", err, out)
	}
}
