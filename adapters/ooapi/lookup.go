package ooapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// Collections that entries refer to.
var (
	organizations = source.Collection{Name: "organizations", ID: "organizationId"}
	sessions      = source.Collection{Name: "academic-sessions", ID: "academicSessionId"}
	educations    = source.Collection{Name: "education-specifications", ID: "educationSpecificationId"}
)

// offerings reads the offerings of a course; a server without them answers 404.
func (c *client) offerings(ctx context.Context, courseID string) (found []source.Entry, notes []adapters.Note, err error) {
	if !source.Addressable(courseID) {
		return nil, nil, nil
	}
	err = c.list(ctx, func(rec source.Record) error {
		if len(found) >= c.Limits.Offerings {
			return &adapters.RecordError{
				Subject: courseID, Where: rec.String(), Field: "items",
				Message: fmt.Sprintf("the course has more than %d offerings", c.Limits.Offerings), Fix: "leave out offerings that are long past",
			}
		}
		obj, err := rec.Decode(c.Limits, "courseId")
		var lost *adapters.RecordError
		if errors.As(err, &lost) {
			notes = append(notes, source.NoteOf(lost))
			return nil
		}
		if offeringOf(obj, courseID) {
			found = append(found, source.Entry{Place: rec.Place, Object: obj})
		}
		return nil
	}, "courses", courseID, "offerings")
	if gone(err) {
		return nil, nil, nil
	}
	return found, notes, err
}

// offeringOf reports whether an offering belongs to the course: components are no courses, and some
// servers answer every such request with all offerings they have.
func offeringOf(o source.Object, courseID string) bool {
	switch strings.ToLower(o.Text("offeringType")) {
	case "", "course", "program":
	default:
		return false
	}
	named := ""
	if entries := source.List(o.Get("course")); len(entries) > 0 {
		if named = source.Scalar(entries[0]); named == "" {
			if c, ok := entries[0].(source.Object); ok {
				named = c.Text("courseId")
			}
		}
	}
	return named == "" || strings.EqualFold(named, courseID)
}

func gone(err error) bool {
	code := source.Status(err)
	return code == http.StatusNotFound || code == http.StatusGone
}

// references looks up what the mapping of the course needs to know.
func (c *client) references(ctx context.Context, course source.Object, offerings []source.Entry) (source.References, error) {
	refs := make(source.References)
	if err := c.Climb(ctx, refs, organizations, course.Get("organization")); err != nil {
		return nil, err
	}
	if needsSpecification(course) {
		if err := c.Resolve(ctx, refs, educations, course.Get("educationSpecification")); err != nil {
			return nil, err
		}
	}
	for _, o := range offerings {
		if err := c.Resolve(ctx, refs, sessions, o.Get("academicSession")); err != nil {
			return nil, err
		}
		if err := c.Climb(ctx, refs, organizations, o.Get("organization")); err != nil {
			return nil, err
		}
	}
	return refs, nil
}

func needsSpecification(course source.Object) bool {
	return slices.ContainsFunc(foldedFields, func(group []string) bool { return lacks(course, group) })
}
