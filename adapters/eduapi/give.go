package eduapi

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// give hands over every template. Of a listing that broke off, courses only: what a collection consists of is not known.
func (w *walk) give(ctx context.Context, c *catalogue, complete bool) error {
	for _, k := range kinds {
		if !complete && k != courses {
			break
		}
		for _, rec := range c.all(k.templates) {
			item, err := w.read(ctx, c, k, rec)
			if err := w.Hand(ctx, item, err); err != nil {
				return err
			}
		}
	}
	if !complete {
		return nil
	}
	return w.strays(ctx, c)
}

// read turns one template into an item.
func (w *walk) read(ctx context.Context, c *catalogue, k *kind, rec source.Record) (adapters.Item, error) {
	obj, err := rec.Decode(w.client.Limits, "sourcedId")
	if err != nil {
		return adapters.Item{}, err
	}
	id := obj.Text("sourcedId")
	if id == "" {
		return adapters.Item{}, errNoID(rec.Place)
	}
	if other := c.kinds[id]; other != k {
		return adapters.Item{}, &adapters.RecordError{
			Where: rec.In("sourcedId").String(), Field: "sourcedId",
			Message: "an entry of " + other.templates + " has the same id", Fix: "give every record an id of its own",
		}
	}
	in := input{Entry: source.Entry{Place: rec.Place, Object: obj}, kind: k, provider: w.provider, catalogue: c}
	if gone(obj) {
		return deleted(in, id)
	}
	in.offerings, in.notes = c.taken(c.offerings[id], "offerings", id)
	components, _ := c.taken(c.components[id], "components", id) // reported as lost already
	referring := []source.Object{obj}
	for _, o := range in.offerings {
		referring = append(referring, o.Object)
	}
	for _, component := range components {
		p := part{Entry: component}
		p.runs, _ = c.taken(c.runs[component.Text("sourcedId")], "component offerings", id)
		in.components = append(in.components, p)
	}
	if in.refs, err = w.client.references(ctx, referring...); err != nil {
		return adapters.Item{}, err
	}
	in.notes = append(in.notes, w.client.Spent()...)
	return mapTemplate(in)
}

// taken decodes what hangs on a template, up to the limit.
func (c *catalogue) taken(records []source.Record, what, template string) (out []source.Entry, notes []adapters.Note) {
	if most := c.limits.Offerings; len(records) > most {
		notes = append(notes, adapters.Note{
			Field: what, Value: template, Message: fmt.Sprintf("only the first %d of %d are kept", most, len(records)),
			Fix: "give long past ones the recordStatus inactive",
		})
		records = records[:most]
	}
	for _, rec := range records {
		if obj, err := rec.Decode(c.limits, "sourcedId"); err == nil {
			out = append(out, source.Entry{Place: rec.Place, Object: obj})
		}
	}
	return out, notes
}

// strays reports what cannot be read, and what belongs to nothing that is listed.
func (w *walk) strays(ctx context.Context, c *catalogue) error {
	for collection := range passing {
		for _, rec := range c.all(collection) {
			if _, err := rec.Decode(c.limits, ""); err != nil {
				c.lost = append(c.lost, lost{Record: rec})
			}
		}
	}
	slices.SortStableFunc(c.lost, func(a, b lost) int { return strings.Compare(a.URL, b.URL) })
	for _, l := range c.lost {
		_, err := l.Decode(c.limits, "")
		if err == nil {
			err = &adapters.RecordError{
				Subject: l.ID("sourcedId"), Where: l.In(l.field).String(), Field: l.field,
				Message: "the record belongs to nothing in " + l.within, Fix: "list the template, or name the right one in " + l.field,
			}
		}
		if err := w.Hand(ctx, adapters.Item{}, err); err != nil {
			return err
		}
	}
	return nil
}
