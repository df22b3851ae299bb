package eduapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// held are the records of one collection by the template they belong to. They stay undecoded, which takes
// a fraction of the memory.
type held struct {
	records map[string][]source.Record
	seen    map[string]struct{} // ids
	bytes   int64
}

// hold lists a collection whose records belong to templates. A server without it has none.
func (w *walk) hold(ctx context.Context, collection, parent string) (*held, error) {
	h := &held{records: make(map[string][]source.Record), seen: make(map[string]struct{})}
	err := w.client.list(ctx, collection, func(rec source.Record) error {
		obj, err := rec.Decode(w.client.Limits, "")
		if err != nil {
			return w.Hand(ctx, adapters.Item{}, err)
		}
		if !live(obj) {
			return nil
		}
		if h.bytes += int64(len(rec.Raw)); h.bytes > w.client.HeldBytes {
			return fmt.Errorf("%s: more than %d bytes of current records; give long past ones the recordStatus inactive", rec.URL, w.client.HeldBytes)
		}
		h.add(obj, parent, rec)
		return nil
	})
	if absent(err) {
		return h, nil
	}
	return h, err
}

// live says that the record is neither deleted nor inactive.
func live(o source.Object) bool {
	switch strings.ToLower(o.Text("recordStatus")) {
	case "deleted", "inactive":
		return false
	}
	return true
}

// add keeps a record under each template it names; a listing that shifts under the reader repeats records.
func (h *held) add(obj source.Object, parent string, rec source.Record) {
	id := obj.Text("sourcedId")
	if _, again := h.seen[id]; again && id != "" {
		return
	}
	h.seen[id] = struct{}{}
	for _, template := range ids(obj.Get(parent)) {
		h.records[template] = append(h.records[template], rec)
	}
}

// ids reads a field that holds one or more ids, or objects with an id.
func ids(v any) []string {
	var out []string
	for _, e := range source.List(v) {
		id := source.Scalar(e)
		if o, ok := e.(source.Object); ok {
			id = o.Text("sourcedId")
		}
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// take gives the records of a template, decoded, and lets them go.
func (h *held) take(template string, lim Limits) (entries []source.Entry, notes []adapters.Note) {
	records := h.records[template]
	delete(h.records, template)
	if len(records) > lim.Offerings {
		notes = append(notes, adapters.Note{
			Field: "offerings", Value: template, Message: fmt.Sprintf("only the first %d of %d are kept", lim.Offerings, len(records)),
			Fix: "give long past ones the recordStatus inactive",
		})
		records = records[:lim.Offerings]
	}
	for _, rec := range records {
		obj, err := rec.Decode(lim, "")
		var lost *adapters.RecordError
		if errors.As(err, &lost) {
			notes = append(notes, source.NoteOf(lost))
			continue
		}
		entries = append(entries, source.Entry{Place: rec.Place, Object: obj})
	}
	return entries, notes
}

// rest are the records that no template took, in the order of the templates' ids.
func (h *held) rest() []source.Record {
	var out []source.Record
	for _, template := range slices.Sorted(maps.Keys(h.records)) {
		out = append(out, h.records[template]...)
	}
	return out
}
