package ooapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
)

// entry is a decoded record.
type entry struct {
	place
	object
}

// Collections that entries refer to.
const (
	organizations = "organizations"
	sessions      = "academic-sessions"
	educations    = "education-specifications"
)

// references are the objects that one course and its offerings refer to, by collection and id.
type references map[string]object

func (r references) find(collection string, v any) (id string, obj object) {
	id, obj = reference(collection, v)
	if obj == nil {
		obj = r[collection+"/"+id]
	}
	return id, obj
}

// idFields name the id of an object of a collection.
var idFields = map[string]string{
	organizations: "organizationId",
	sessions:      "academicSessionId",
	educations:    "educationSpecificationId",
}

// reference reads a field that holds an id or the object itself; of a list it takes the first.
func reference(collection string, v any) (id string, obj object) {
	entries := list(v)
	if len(entries) == 0 {
		return "", nil
	}
	if o, ok := entries[0].(object); ok {
		return o.text(idFields[collection]), o
	}
	return scalar(entries[0]), nil
}

// offerings reads the offerings of a course; a server without them answers 404.
func (c *client) offerings(ctx context.Context, courseID string) (found []entry, notes []adapters.Note, err error) {
	if !addressable(courseID) {
		return nil, nil, nil
	}
	err = c.list(ctx, func(rec record) error {
		if len(found) >= c.limits.Offerings {
			return &adapters.RecordError{
				Subject: courseID, Where: rec.String(), Field: "items",
				Message: fmt.Sprintf("the course has more than %d offerings", c.limits.Offerings), Fix: "leave out offerings that are long past",
			}
		}
		obj, err := rec.object(c.limits)
		if err != nil {
			notes = append(notes, noteOf(err))
			return nil
		}
		if offeringOf(obj, courseID) {
			found = append(found, entry{rec.place, obj})
		}
		return nil
	}, "courses", courseID, "offerings")
	if gone(err) {
		return nil, nil, nil
	}
	return found, notes, err
}

func noteOf(err error) adapters.Note {
	var lost *adapters.RecordError
	if errors.As(err, &lost) {
		return adapters.Note{Field: lost.Field, Value: lost.Where, Message: lost.Message, Fix: lost.Fix}
	}
	return adapters.Note{Message: err.Error()}
}

// offeringOf reports whether an offering belongs to the course: components are no courses, and some
// servers answer every such request with all offerings they have.
func offeringOf(o object, courseID string) bool {
	switch strings.ToLower(o.text("offeringType")) {
	case "", "course", "program":
	default:
		return false
	}
	named := ""
	if entries := list(o.get("course")); len(entries) > 0 {
		if named = scalar(entries[0]); named == "" {
			if c, ok := entries[0].(object); ok {
				named = c.text("courseId")
			}
		}
	}
	return named == "" || strings.EqualFold(named, courseID)
}

func gone(err error) bool {
	var status *adapters.StatusError
	return errors.As(err, &status) && (status.Code == http.StatusNotFound || status.Code == http.StatusGone)
}

// references looks up what the mapping of the course needs to know.
func (c *client) references(ctx context.Context, course object, offerings []entry) (references, error) {
	refs := make(references)
	if err := c.climb(ctx, refs, course.get("organization")); err != nil {
		return nil, err
	}
	if needsSpecification(course) {
		if err := c.resolve(ctx, refs, educations, course.get("educationSpecification")); err != nil {
			return nil, err
		}
	}
	for _, o := range offerings {
		if err := c.resolve(ctx, refs, sessions, o.get("academicSession")); err != nil {
			return nil, err
		}
		if err := c.climb(ctx, refs, o.get("organization")); err != nil {
			return nil, err
		}
	}
	return refs, nil
}

func needsSpecification(course object) bool { return slices.ContainsFunc(foldedFields, course.lacks) }

// organizationLevels bounds the climb from a department to its institution.
const organizationLevels = 8

func (c *client) climb(ctx context.Context, refs references, v any) error {
	for range organizationLevels {
		id, obj := reference(organizations, v)
		if _, known := refs[organizations+"/"+id]; known {
			return nil
		}
		if obj == nil {
			if err := c.resolve(ctx, refs, organizations, v); err != nil {
				return err
			}
			obj = refs[organizations+"/"+id]
		}
		if v = obj.get("parent"); blank(v) {
			return nil
		}
	}
	return nil
}

func (c *client) resolve(ctx context.Context, refs references, collection string, v any) error {
	id, obj := reference(collection, v)
	if obj != nil || !addressable(id) {
		return nil
	}
	found, err := c.lookup(ctx, collection, id)
	if err == nil && found != nil {
		refs[collection+"/"+id] = found
	}
	return err
}

// addressable refuses ids that would change the path they are put into.
func addressable(id string) bool { return id != "" && id != "." && id != ".." }

// lookup reads one object; nil when the server does not have it or does not show it.
func (c *client) lookup(ctx context.Context, collection, id string) (object, error) {
	key := collection + "/" + id
	if obj, ok := c.cache[key]; ok {
		return obj, nil
	}
	address := c.url(nil, collection, id)
	a, err := c.fetch(ctx, address)
	if err != nil && !refused(err) {
		return nil, err
	}
	var obj object
	if err == nil {
		if obj, err = parseObject(address, a.body, c.limits); err != nil {
			return nil, err
		}
	}
	if len(c.cache) >= cacheEntries {
		clear(c.cache)
	}
	c.cache[key] = obj
	return obj, nil
}

// refused says that asking again would give the same answer.
func refused(err error) bool {
	var status *adapters.StatusError
	return errors.As(err, &status) && status.Code >= 400 && status.Code < 500 &&
		status.Code != http.StatusTooManyRequests && status.Code != http.StatusRequestTimeout
}

func parseObject(address string, body []byte, lim Limits) (object, error) {
	if len(body) == 0 {
		return nil, fmt.Errorf("%s: %w", address, errEmptyBody)
	}
	if len(body) > lim.RecordBytes {
		return nil, fmt.Errorf("%s: more than %d bytes", address, lim.RecordBytes)
	}
	v, err := decode(body, lim.Depth)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	found := objects(v)
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: the answer is no JSON object", address)
	}
	return found[0], nil
}
