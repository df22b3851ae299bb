package p2p

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/vectors/replication anew")

// vectors is the file that other implementations read.
type vectors struct {
	Messages []vector      `json:"messages"` // decode, encode again: the same bytes
	Refused  []vector      `json:"refused"`
	Tables   []tableVector `json:"tables"`
	CAR      carVector     `json:"car"`
}

type vector struct {
	Name  string `json:"name"`
	Bytes []byte `json:"base64"`
}

type tableVector struct {
	Rows   []rowVector `json:"rows"`
	Digest string      `json:"digest"`
}

type rowVector struct {
	Publisher federation.PublisherID `json:"publisher"`
	Epoch     uint64                 `json:"epoch"`
	Seq       uint64                 `json:"seq"`
	Payload   string                 `json:"payload,omitempty"`
	Proven    uint64                 `json:"proven"`
	Bucket    byte                   `json:"bucket"`
}

type carVector struct {
	Root    string   `json:"root"`
	Records []string `json:"records"` // their bytes as text
	Bytes   []byte   `json:"base64"`
}

func makeVectors(t *testing.T) vectors {
	var v vectors
	for _, m := range messages(t) {
		v.Messages = append(v.Messages, vector{m.name, m.body})
	}
	for _, m := range refused(t) {
		v.Refused = append(v.Refused, vector{m.name, m.body})
	}
	p, q := testPublisher(t, 1), testPublisher(t, 2)
	for _, rows := range [][]Row{nil, {{Publisher: p, Epoch: 1, Seq: 1}}, {{Publisher: p, Epoch: 3, Seq: 1 << 40, Payload: [32]byte{1, 2}, Proven: 2}, {Publisher: q, Proven: 7}}} {
		v.Tables = append(v.Tables, makeTableVector(rows))
	}
	var car bytes.Buffer
	car.Write(carHeader(testCID(0)))
	for i, text := range []string{"block 1", "block 2"} {
		if err := writeSection(&car, testCID(i+1), []byte(text)); err != nil {
			t.Fatal(err)
		}
		v.CAR.Records = append(v.CAR.Records, text)
	}
	v.CAR.Root, v.CAR.Bytes = testCID(0).String(), car.Bytes()
	return v
}

func makeTableVector(rows []Row) tableVector {
	digest := NewTable(rows).Digest()
	v := tableVector{Rows: []rowVector{}, Digest: hex.EncodeToString(digest[:])}
	for _, r := range rows {
		row := rowVector{r.Publisher, r.Epoch, r.Seq, "", r.Proven, BucketOf(r.Publisher)}
		if r.Epoch > 0 {
			row.Payload = hex.EncodeToString(r.Payload[:])
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// The messages of this code are those on file: a change here is a change of the protocol.
func TestVectors(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "testdata", "vectors", "replication", "messages.json")
	want := makeVectors(t)
	if *update {
		text, err := json.MarshalIndent(want, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, append(text, '\n'), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got vectors
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("vectors (-code +file):\n%s", diff)
	}
}
