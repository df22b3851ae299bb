package eduapi

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/adapters/source"
)

// news is what an update brought.
type news int

const (
	nothing news = iota // the server does not answer as it did; everything is to be read anew
	same                // no record changed
	moved               // the mirror is up to date
)

// clocksDiffer is how far the server's clock may be behind ours.
const clocksDiffer = time.Hour

// update brings every collection up to date: by what changed since then, where the server can tell, else by reading the
// collection anew.
func (c *client) update(ctx context.Context, m *mirror, since time.Time) news {
	outcome := same
	for _, collection := range mirrored {
		if collection == genericTemplates || collection == genericOfferings {
			continue // read only where others name them
		}
		brought := c.changes(ctx, m, collection, since.Add(-clocksDiffer))
		if brought == nothing {
			brought = c.reread(ctx, m, collection)
		}
		switch brought {
		case nothing:
			return nothing
		case moved:
			outcome = moved
		}
	}
	return outcome
}

// changes asks one collection for what changed since then. Whatever speaks against it gives nothing: a filter that is
// ignored, refused, or answered with nothing must not pass for 'nothing changed'.
func (c *client) changes(ctx context.Context, m *mirror, collection string, since time.Time) news {
	if m.Whole[collection] || strings.Contains(c.own, " AND ") || strings.Contains(c.own, " OR ") { // the grammar has no room for another condition
		return nothing
	}
	if m.size(collection) == 0 || !c.understood(ctx, collection) {
		return nothing
	}
	outcome := same
	err := c.list(ctx, collection, changedSince(since), func(rec source.Record) error {
		obj, err := rec.Decode(c.Limits, "sourcedId")
		if err != nil {
			return err
		}
		if at, dated := dateOf(obj); !dated || at.Before(since) {
			return errIgnored
		}
		outcome = moved
		return m.put(collection, rec, true)
	})
	if err != nil {
		return nothing
	}
	return outcome
}

var errIgnored = errors.New("the server ignores the filter")

// understood makes sure that the server knows the filter: with an early date it gives records.
func (c *client) understood(ctx context.Context, collection string) bool {
	q := url.Values{"limit": {"1"}, "offset": {"0"}, "filter": {c.shapes(changedSince(time.Unix(0, 0)))[0].filter}}
	a, err := c.Fetch(ctx, c.URL(q, collection))
	if err != nil || len(a.Body) == 0 {
		return false
	}
	items, err := entries(a.Body, collection)
	return err == nil && len(items) > 0
}

// reread lists one collection anew.
func (c *client) reread(ctx context.Context, m *mirror, collection string) news {
	fresh := newMirror(c.Limits)
	err := c.take(ctx, fresh, collection)
	if absent(err) && m.size(collection) == 0 {
		return same
	}
	if err != nil {
		return nothing
	}
	old, now := m.all(collection), fresh.all(collection)
	equal := slices.EqualFunc(old, now, func(a, b source.Record) bool { return bytes.Equal(a.Raw, b.Raw) })
	m.shelves[collection], m.Whole[collection] = fresh.shelf(collection), fresh.Whole[collection]
	if equal {
		return same
	}
	return moved
}

func changedSince(at time.Time) string {
	return "dateLastModified>='" + at.UTC().Format(time.RFC3339) + "'"
}
