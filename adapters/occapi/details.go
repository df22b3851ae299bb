package occapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// detailLife is how long a course's resource counts without being fetched again.
const detailLife = 30 * 24 * time.Hour

// details are the courses' own resources as earlier runs and this one fetched them, compressed.
type details struct {
	now   time.Time
	byID  map[string]detail
	used  map[string]bool // this run's
	bytes int64
	limit int64

	enc *zstd.Encoder
	dec *zstd.Decoder
}

// detail is one of them.
type detail struct {
	modified string
	fetched  time.Time
	place    source.Place
	packed   []byte
}

// noted is a detail as a memory holds it.
type noted struct {
	ID       string          `json:"i"`
	Modified string          `json:"m"`
	Fetched  time.Time       `json:"f"`
	URL      string          `json:"u"`
	Raw      json.RawMessage `json:"r"`
}

func newDetails(memory adapters.Memory, lim Limits, now time.Time) (*details, error) {
	d := &details{now: now, byID: make(map[string]detail), used: make(map[string]bool), limit: lim.HeldBytes}
	var err error
	if d.enc, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest)); err != nil {
		return nil, err
	}
	if d.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(lim.RecordBytes)+1)); err != nil {
		return nil, err
	}
	_ = source.Recall(memory, 8*lim.HeldBytes, func(line []byte) error { // what cannot be read is fetched again
		var n noted
		if err := json.Unmarshal(line, &n); err != nil {
			return err
		}
		if age := now.Sub(n.Fetched); age >= 0 && age < detailLife && len(n.Raw) <= lim.RecordBytes {
			d.put(n.ID, detail{n.Modified, n.Fetched, source.Place{URL: n.URL, Pointer: "/data"}, d.enc.EncodeAll(n.Raw, nil)})
		}
		return nil
	})
	return d, nil
}

// put keeps a detail while there is room; the rest is fetched again.
func (d *details) put(id string, v detail) {
	if size := d.bytes + int64(len(v.packed)-len(d.byID[id].packed)); size <= d.limit {
		d.byID[id], d.bytes = v, size
	}
}

// recall is the resource that an earlier run fetched, if the entry has not changed since.
func (d *details) recall(e entry, lim Limits) (entry, bool) {
	v, ok := d.byID[e.id]
	if modified := e.Text("lastModified"); !ok || modified == "" || v.modified != modified {
		return entry{}, false
	}
	raw, err := d.dec.DecodeAll(v.packed, nil)
	if err != nil {
		return entry{}, false
	}
	full, err := resource(source.Record{Place: v.place, Raw: raw}, lim)
	if err != nil || full.id != e.id {
		return entry{}, false
	}
	d.used[strings.Clone(e.id)] = true
	return full, true
}

// remember keeps a resource for later runs. Without a date of change it is of no use to them.
func (d *details) remember(id, modified string, rec source.Record) {
	if modified == "" {
		return
	}
	id, modified = strings.Clone(id), strings.Clone(modified) // outlive the resource
	d.used[id] = true
	d.put(id, detail{modified, d.now, rec.Place, d.enc.EncodeAll(rec.Raw, nil)})
}

// save leaves the details to the next run: after a complete run those that it met, else all, so that a run that
// broke off need not be repeated.
func (d *details) save(memory adapters.Memory, complete bool) error {
	return source.Remember(memory, func(put func(any) error) error {
		for _, id := range slices.Sorted(maps.Keys(d.byID)) {
			v := d.byID[id]
			if complete && !d.used[id] {
				continue
			}
			raw, err := d.dec.DecodeAll(v.packed, nil)
			if err != nil {
				return err
			}
			if err := put(noted{id, v.modified, v.fetched, v.place.URL, raw}); err != nil {
				return err
			}
		}
		return nil
	})
}
