package eduapi

import (
	"context"
	"net/url"
	"time"
)

// collections are all that a walk reads from.
var collections = []string{
	courses.templates, courses.offerings, groups.templates, groups.offerings, "componentTemplates", organizations.Name, sessions.Name,
}

// clocksDiffer is how far the server's clock may be behind ours.
const clocksDiffer = time.Hour

// unchanged reports whether no record has changed since then, as far as the server can say. Whatever speaks
// against it, an error too, means that the source is to be walked.
func (c *client) unchanged(ctx context.Context, since time.Time) bool {
	if _, err := c.Root(); err != nil {
		return false
	}
	for _, collection := range collections {
		if !c.still(ctx, collection, since.Add(-clocksDiffer)) {
			return false
		}
	}
	return true
}

// still asks for records changed since then, after making sure that the server understands the question:
// some answer a filter that they do not know with nothing, others with everything.
func (c *client) still(ctx context.Context, collection string, since time.Time) bool {
	ever, err := c.any(ctx, collection, filter(time.Unix(0, 0)))
	if absent(err) {
		return collection != courses.templates
	}
	if err != nil {
		return false
	}
	if !ever {
		some, err := c.any(ctx, collection, nil)
		return err == nil && !some && collection != courses.templates
	}
	changed, err := c.any(ctx, collection, filter(since))
	return err == nil && !changed
}

func filter(since time.Time) url.Values {
	return url.Values{"filter": {"dateLastModified>='" + since.UTC().Format(time.RFC3339) + "'"}}
}

// any reports whether the collection has a record that matches.
func (c *client) any(ctx context.Context, collection string, query url.Values) (bool, error) {
	q := url.Values{"limit": {"1"}, "offset": {"0"}}
	for name, values := range query {
		q[name] = values
	}
	a, err := c.Fetch(ctx, c.URL(q, collection))
	if err != nil || len(a.Body) == 0 {
		return false, err
	}
	items, err := entries(a.Body, collection)
	return len(items) > 0, err
}
