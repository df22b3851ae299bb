// Package dump writes the catalogue into files for those who want all of it: courses as JSON lines,
// N-Quads and CSV, and the signed records with their tree as a CAR that proves itself against the
// catalogue's root. An index names hash and size of every file, the root, and the licence.
//
// A dump shows one state of the catalogue. Courses that only this node vouches for are left out.
package dump

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"time"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/ipfs/go-cid"
)

// Config of a dump.
type Config struct {
	Catalogue *catalogue.Catalogue
	Courses   *course.Reader
	Get       func(cid.Cid) ([]byte, error) // envelope bytes, checked
	Publisher federation.PublisherID        // of this node
	Node      string                        // its name
	Partial   bool                          // it holds the sets of some publishers only
	Now       func() time.Time
	Position  func() string // how far the catalogue's changes are noted; nil or "": they are not
}

// Index of a dump; IndexName in its directory.
type Index struct {
	Date          time.Time              `json:"date"`
	Node          string                 `json:"node"`
	Publisher     federation.PublisherID `json:"publisher"`
	Root          string                 `json:"root" doc:"Of the tree in catalogue.car: the catalogue root, unless records are hidden"`
	Hidden        int                    `json:"hidden,omitempty" doc:"Records that this node's operator hides, so that root differs from the catalogue's"`
	Partial       bool                   `json:"partial,omitempty" doc:"The node follows some publishers only, so that root is no catalogue's"`
	AuthorityRoot string                 `json:"authority_root"`
	HeadsRoot     string                 `json:"heads_root"`
	Changes       string                 `json:"changes,omitempty" doc:"Position from which /v1/changes of this node goes on"`
	Courses       int                    `json:"courses"`
	Records       int                    `json:"records" doc:"Of every kind, in catalogue.car"`
	Licence       string                 `json:"licence"`
	Credit        string                 `json:"credit"`
	Files         []File                 `json:"files"`
}

// File of a dump.
type File struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"`
	SHA256    string `json:"sha256"`
}

// IndexName is the name of the index in a dump's directory.
const IndexName = "index.json"

// ErrChanging says that the catalogue changed too often to be dumped as one state.
var ErrChanging = errors.New("the catalogue kept changing while it was read; try again")

// writer of one file of the dump.
type writer interface {
	open(w io.Writer, s *state) error
	add(e entry) error
	close() error
}

// entry is one record; course is nil for other kinds.
type entry struct {
	item     catalogue.Item
	envelope []byte
	record   federation.Record
	course   *course.Course
}

var kinds = []struct {
	name, media string
	writer      func() writer
}{
	{"courses.jsonl.zst", "application/jsonl+zstd", func() writer { return &lines{} }},
	{"courses.nq.zst", "application/n-quads+zstd", func() writer { return &quads{} }},
	{"courses.csv.gz", "text/csv+gzip", func() writer { return &table{} }},
	{"catalogue.car", "application/vnd.ipld.car", func() writer { return &car{} }},
}

// Names lists the files that a dump consists of, the index last.
func Names() []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.name)
	}
	return append(out, IndexName)
}

// Write makes a dump in dir, replacing an older one there. Readers see old or new files, never half
// a file; the index is replaced last.
func Write(ctx context.Context, c Config, dir string) (Index, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Index{}, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Index{}, err
	}
	defer root.Close()
	position := "" // before the catalogue is read: what changes meanwhile is told again
	if c.Position != nil {
		position = c.Position()
	}
	s, err := take(ctx, c)
	if err != nil {
		return Index{}, err
	}
	out := Index{
		Date: c.Now().UTC().Truncate(time.Second), Node: c.Node, Publisher: c.Publisher, Root: s.root.String(), Hidden: s.hidden, Partial: c.Partial,
		AuthorityRoot: hex.EncodeToString(s.roots.Authority[:]), HeadsRoot: hex.EncodeToString(s.roots.Heads[:]),
		Changes: position,
		Licence: "Per record; where a record states none: " + index.DefaultLicence,
		Credit:  "Per record: the institution that the record names",
	}
	if err := write(ctx, c, root, s, &out); err != nil {
		return Index{}, fmt.Errorf("dump: %w", err)
	}
	return out, nil
}

// partial is the name of a file that is not complete.
func partial(name string) string { return name + ".partial" }

// file is one open file of the dump; everything written is counted and hashed. It can only be written
// from the beginning to the end.
type file struct {
	disk   *os.File
	writer writer
	hash   hash.Hash
	size   int64
}

func (f *file) Write(b []byte) (int, error) {
	n, err := f.disk.Write(b)
	f.hash.Write(b[:n])
	f.size += int64(n)
	return n, err
}

func write(ctx context.Context, c Config, root *os.Root, s *state, out *Index) (err error) {
	var files []*file
	defer func() {
		for _, f := range files {
			err = errors.Join(err, f.disk.Close())
		}
		if err == nil {
			err = publish(root, out)
		}
		if err != nil {
			discard(root)
		}
	}()
	for _, k := range kinds {
		f, err := root.OpenFile(partial(k.name), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
		if err != nil {
			return err
		}
		files = append(files, &file{disk: f, writer: k.writer(), hash: sha256.New()})
		if err := files[len(files)-1].writer.open(files[len(files)-1], s); err != nil {
			return err
		}
	}
	for _, item := range s.items {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := add(c, files, item, out); err != nil {
			return fmt.Errorf("%s: %w", item.Key, err)
		}
	}
	for i, f := range files {
		if err := errors.Join(f.writer.close(), f.disk.Sync()); err != nil {
			return err
		}
		out.Files = append(out.Files, File{kinds[i].name, kinds[i].media, f.size, hex.EncodeToString(f.hash.Sum(nil))})
	}
	return nil
}

func add(c Config, files []*file, item catalogue.Item, out *Index) error {
	envelope, err := c.Get(item.CID)
	if err != nil {
		return err
	}
	record, err := federation.DecodeRecord(envelope)
	if err != nil {
		return err
	}
	e := entry{item: item, envelope: envelope, record: record}
	if record.Kind == federation.KindCourse {
		v, err := c.Courses.Course(item)
		if err != nil {
			return err
		}
		e.course = &v
		out.Courses++
	}
	out.Records++
	for _, f := range files {
		if err := f.writer.add(e); err != nil {
			return err
		}
	}
	return nil
}

// publish gives the complete files their names, then writes the index.
func publish(root *os.Root, out *Index) error {
	for _, k := range kinds {
		if err := root.Rename(partial(k.name), k.name); err != nil {
			return err
		}
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	if err := root.WriteFile(partial(IndexName), append(b, '\n'), 0o644); err != nil {
		return err
	}
	return root.Rename(partial(IndexName), IndexName)
}

func discard(root *os.Root) {
	for _, name := range Names() {
		_ = root.Remove(partial(name)) // most were never made
	}
}
