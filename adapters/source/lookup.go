package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
)

const (
	cacheEntries = 4096
	cacheBytes   = 32 << 20 // of objects as they were sent
	shelfAfter   = 10       // look-ups in one collection before it is listed whole

	mostLooked      = 500      // objects that are looked up for one course, at about one a second
	mostLookedBytes = 32 << 20 // of them
)

// budget is what has been looked up, one by one.
type budget struct {
	objects int
	bytes   int
}

var errSpent = errors.New("the course has had its look-ups")

// Begin lets one more course have its look-ups.
func (c *Client) Begin() { c.looked, c.spent = budget{}, "" }

// Spent is a finding when the course refers to more than is looked up for one.
func (c *Client) Spent() []adapters.Note {
	if c.spent == "" {
		return nil
	}
	return []adapters.Note{{
		Field: c.spent, Message: fmt.Sprintf("the record refers to more objects than are looked up for one, %d or %d bytes of them", mostLooked, mostLookedBytes),
		Fix: "serve the list " + c.spent,
	}}
}

// Lookup reads one object of a collection; nil when the server does not have it or does not show it. After
// some look-ups in a collection it is listed whole, where the API can list and the server does.
func (c *Client) Lookup(ctx context.Context, in Collection, id string) (Object, error) {
	key := in.key(id)
	if obj, ok := c.cache[key]; ok {
		return obj, nil
	}
	obj, err := c.find(ctx, in, id)
	switch {
	case errors.Is(err, errSpent):
		return nil, nil //nolint:nilnil // for this course only
	case err != nil:
		return nil, err
	}
	if len(c.cache) >= cacheEntries || c.cached > cacheBytes {
		clear(c.cache)
		c.cached = 0
	}
	c.cache[Reference{key.collection, strings.Clone(id)}] = obj // outlives the entry that names it
	return obj, nil
}

func (c *Client) find(ctx context.Context, in Collection, id string) (Object, error) {
	if c.Known != nil {
		if obj := c.Known(in.Name, id); obj != nil {
			return obj, nil
		}
	}
	shelf, err := c.shelf(ctx, in)
	if err != nil {
		return nil, err
	}
	if raw, ok := shelf.records[id]; ok {
		c.cached += len(raw)
		return ParseObject(c.URL(nil, in.Name, id), raw, c.Limits)
	}
	if c.looked.objects >= mostLooked || c.looked.bytes >= mostLookedBytes {
		c.spent = in.Name
		return nil, errSpent
	}
	address := c.URL(nil, in.Name, id)
	a, err := c.Fetch(ctx, address)
	c.looked.objects++
	c.looked.bytes += len(a.Body)
	c.cached += len(a.Body)
	switch {
	case Refused(err):
		return nil, nil //nolint:nilnil // not there
	case err != nil:
		return nil, err
	}
	return ParseObject(address, a.Body, c.Limits)
}

// shelf holds the objects of a collection that was listed whole, undecoded.
type shelf struct {
	wanted  int // look-ups so far
	records map[string]json.RawMessage
}

// shelf gives the shelf of a collection and fills it when its time has come. What a listing does not give,
// because the server refuses, fails or holds too much, is looked up one by one.
func (c *Client) shelf(ctx context.Context, in Collection) (*shelf, error) {
	s := c.shelves[in.Name]
	if s == nil {
		s = &shelf{records: make(map[string]json.RawMessage)}
		c.shelves[in.Name] = s
	}
	if s.wanted++; s.wanted != shelfAfter || c.Whole == nil {
		return s, nil
	}
	err := c.Whole(ctx, in, func(rec Record) error { return c.keep(s, in, rec) })
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return s, nil
}

// OneByOne are the ids that only a look-up each can give, now that the collection has been listed, or could not be.
func (c *Client) OneByOne(in Collection, ids []string) []string {
	s := c.shelves[in.Name]
	if s == nil || s.wanted < shelfAfter {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		_, cached := c.cache[in.key(id)]
		return cached || s.records[id] != nil
	})
}

var errFull = errors.New("more than may be held")

func (c *Client) keep(s *shelf, in Collection, rec Record) error {
	fields, err := Fields(rec.Raw)
	if err != nil || len(rec.Raw) > c.RecordBytes {
		return nil //nolint:nilerr // looked up when it is wanted, and judged then
	}
	id, err := Decode(fields.Raw(in.ID), 1)
	if err != nil || Scalar(id) == "" {
		return nil //nolint:nilerr // nothing can refer to it
	}
	if c.held += rec.Weight(); c.held > c.HeldBytes {
		return errFull
	}
	s.records[Scalar(id)] = rec.Raw
	return nil
}
