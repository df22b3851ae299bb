package api_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/api/dump"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/ipfs/go-cid"
	carv2 "github.com/ipld/go-car/v2"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func TestDump(t *testing.T) {
	t.Parallel()
	n := sample(t)
	dir := filepath.Join(t.TempDir(), "new", "dump")
	made, err := n.api.Dump(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	root := n.catalogue.Roots().Catalogue
	if made.Root != root.String() || made.Courses != 3 || made.Records != 3 || len(made.Files) != 4 {
		t.Errorf("%+v", made)
	}
	for _, f := range made.Files {
		b := read(t, dir, f.Name)
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != f.SHA256 || int64(len(b)) != f.Size {
			t.Errorf("%s: hash or size differ", f.Name)
		}
	}
	var index dump.Index
	if err := json.Unmarshal(read(t, dir, dump.IndexName), &index); err != nil || index.Root != made.Root {
		t.Errorf("index: %+v %v", index, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 5 {
		t.Errorf("%d files, %v", len(entries), err)
	}
	checkLines(t, read(t, dir, "courses.jsonl.zst"))
	checkQuads(t, n, read(t, dir, "courses.nq.zst"))
	checkTable(t, read(t, dir, "courses.csv.gz"))
	checkCAR(t, read(t, dir, "catalogue.car"), root)
	again, err := n.api.Dump(context.Background(), dir)
	if err != nil || again.Files[0] != made.Files[0] || again.Files[3] != made.Files[3] {
		t.Errorf("a second dump of the same state differs: %v", err)
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func unzstd(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := zstd.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func checkLines(t *testing.T, b []byte) {
	lines := bufio.NewScanner(bytes.NewReader(unzstd(t, b)))
	count := 0
	for ; lines.Scan(); count++ {
		var c course.Course
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil || c.IRI == "" {
			t.Errorf("line %d: %v", count, err)
		}
	}
	if count != 3 {
		t.Errorf("%d lines", count)
	}
}

// Every graph of the dump is the record's, under the record's CID.
func checkQuads(t *testing.T, n *node, b []byte) {
	graphs := map[string][]rdf.Triple{}
	for q, err := range rdf.DecodeQuads(bytes.NewReader(unzstd(t, b)), rdf.Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		graphs[q.Graph.String()] = append(graphs[q.Graph.String()], q.Triple)
	}
	for item := range n.catalogue.Items("") {
		envelope, err := n.db.Get(item.CID)
		if err != nil {
			t.Fatal(err)
		}
		record, err := federation.OpenRecord(envelope)
		if err != nil {
			t.Fatal(err)
		}
		got, err := rdf.Canonical(graphs["ipfs://"+item.CID.String()])
		if err != nil || string(got) != string(record.Graph) {
			t.Errorf("%s: %v\n%s", item.Key, err, got)
		}
	}
}

func checkTable(t *testing.T, b []byte) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if rows[0][0] != "id" || !strings.Contains(fmt.Sprint(rows), "Databases") {
		t.Errorf("%v", rows)
	}
}

func checkCAR(t *testing.T, b []byte, root cid.Cid) {
	car, err := carv2.NewBlockReader(bytes.NewReader(b)) // compares every hash
	if err != nil {
		t.Fatal(err)
	}
	if car.Version != 1 || len(car.Roots) != 1 || car.Roots[0] != root {
		t.Errorf("version %d, roots %v", car.Version, car.Roots)
	}
	blocks := map[cid.Cid]bool{}
	records := 0
	for {
		block, err := car.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		blocks[block.Cid()] = true
		if block.Cid().Prefix().Codec == cid.Raw {
			if _, err := federation.OpenRecord(block.RawData()); err != nil {
				t.Error(err)
			}
			records++
		}
	}
	if records != 3 || !blocks[root] {
		t.Errorf("%d records, root there: %v", records, blocks[root])
	}
}

func TestDumpRoutes(t *testing.T) {
	t.Parallel()
	n := sample(t)
	if w := n.get("/v1/dumps"); w.Code != http.StatusNotFound {
		t.Errorf("%d before the first dump", w.Code)
	}
	if _, err := n.api.Dump(context.Background(), n.dumps); err != nil {
		t.Fatal(err)
	}
	var index dump.Index
	n.json("/v1/dumps", &index)
	for _, f := range index.Files {
		w := n.get("/v1/dumps/" + f.Name)
		if sum := sha256.Sum256(w.Body.Bytes()); hex.EncodeToString(sum[:]) != f.SHA256 {
			t.Errorf("%s: %d, other bytes", f.Name, w.Code)
		}
	}
	for _, name := range []string{"..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "nothing", "index.json.partial"} {
		if w := n.get("/v1/dumps/" + name); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}
