package api

import (
	"errors"
	"fmt"
	"slices"

	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
)

// Version is a kept record of a course and how it differs from the one before it.
type Version struct {
	Statement
	Changes *Changes `json:"changes" doc:"Against the version before; null for the oldest one kept"`
	// A course has a new version for readers when it is specified differently, not when a run of it changes.
	Version bool `json:"version" doc:"The course itself is stated differently than before"`
}

// Changes counts differences by class.
type Changes struct {
	Specification int `json:"specification" doc:"What the course is"`
	Offering      int `json:"offering" doc:"When, where and how it runs"`
	Volatile      int `json:"volatile" doc:"Places taken, dates of change"`
}

// Diff of two versions.
type Diff struct {
	From        Statement        `json:"from"`
	To          Statement        `json:"to"`
	Differences []elm.Difference `json:"differences"`
}

type comparedCourse struct {
	ID       string `path:"id" doc:"UUID, or the encoded IRI, URN, DID or code"`
	Provider string `query:"provider" doc:"Provider id, when an identifier is ambiguous"`
	From     string `query:"from" doc:"CID of a record in the history"`
	To       string `query:"to" doc:"CID of a record in the history"`
}

// versions lists the kept records of a course, newest first: those of its publisher, then those of the
// publisher it took over from, as far as records name what they replaced and this node holds it.
func (a *API) versions(item catalogue.Item) ([]cid.Cid, error) {
	known, err := a.cfg.DB.History(item.Publisher, item.Key)
	if err != nil {
		return nil, inside(err)
	}
	var out []cid.Cid
	for _, c := range known {
		held, err := a.cfg.DB.Has(c)
		if err != nil {
			return nil, inside(err)
		}
		if held { // else purged or erased
			out = append(out, c)
		}
	}
	for len(out) > 0 && len(out) < maxVersions {
		content, err := a.courses.Content(out[len(out)-1])
		if err != nil {
			return nil, inside(err)
		}
		prev := content.Record.Prev
		if held, err := a.cfg.DB.Has(prev); err != nil || !held || slices.Contains(out, prev) {
			return out, err
		}
		older, err := a.courses.Content(prev)
		if errors.Is(err, store.ErrNotFound) || err == nil && older.Record.Key() != item.Key {
			break
		}
		if err != nil {
			return nil, inside(err)
		}
		out = append(out, prev)
	}
	return out, nil
}

// maxVersions of a history are shown.
const maxVersions = 40

// comparison is a version with what it states differently than the one before it.
type comparison struct {
	Version
	before      cid.Cid // undefined for the oldest
	differences []elm.Difference
}

// compared lists the kept versions of a course, the newest first, at most so many.
func (a *API) compared(item catalogue.Item, most int) (out []comparison, older int, err error) {
	versions, err := a.versions(item)
	if err != nil {
		return nil, 0, err
	}
	_, there := a.cfg.Catalogue.Get(item.Key)
	for i, c := range versions[:min(len(versions), most)] {
		v := comparison{}
		if v.Statement, err = a.statement(c); err != nil {
			return nil, 0, err
		}
		v.Class, v.Effective = item.Class, there && c == item.CID
		if v.Version.Version = i == len(versions)-1; !v.Version.Version {
			v.before = versions[i+1]
			if v.differences, err = a.differences(v.before, c); err != nil {
				return nil, 0, err
			}
			v.Changes = count(v.differences)
			v.Version.Version = v.Changes.Specification > 0
		}
		out = append(out, v)
	}
	return out, len(versions) - len(out), nil
}

func (a *API) history(_ *call, item catalogue.Item) (response, error) {
	versions, _, err := a.compared(item, maxVersions+1)
	if err != nil {
		return response{}, err
	}
	out := make([]Version, len(versions))
	for i, v := range versions {
		out[i] = v.Version
	}
	withdrawn, err := a.withdrawal(item)
	return response{value: History{listOf(out), withdrawn}, header: a.rootHeaders()}, err
}

func count(differences []elm.Difference) *Changes {
	var n Changes
	for _, d := range differences {
		switch d.Class {
		case elm.OfSpecification:
			n.Specification++
		case elm.OfOffering:
			n.Offering++
		default:
			n.Volatile++
		}
	}
	return &n
}

func (a *API) differences(from, to cid.Cid) ([]elm.Difference, error) {
	before, err := a.courses.Content(from)
	if err != nil {
		return nil, inside(err)
	}
	after, err := a.courses.Content(to)
	if err != nil {
		return nil, inside(err)
	}
	out := elm.Diff(before.View, after.View)
	return append([]elm.Difference{}, out...), nil
}

func (a *API) diff(c *call, item catalogue.Item) (response, error) {
	versions, err := a.versions(item)
	if err != nil {
		return response{}, err
	}
	to, err := chosen(versions, c.query.Get("to"), "to", 0)
	if err != nil {
		return response{}, err
	}
	from, err := chosen(versions, c.query.Get("from"), "from", min(to+1, len(versions)-1))
	if err != nil {
		return response{}, err
	}
	out := Diff{}
	if out.From, err = a.statement(versions[from]); err != nil {
		return response{}, err
	}
	if out.To, err = a.statement(versions[to]); err != nil {
		return response{}, err
	}
	out.Differences, err = a.differences(versions[from], versions[to])
	return response{value: out, header: a.rootHeaders()}, err
}

// chosen finds the version that a parameter names.
func chosen(versions []cid.Cid, text, parameter string, fallback int) (int, error) {
	if text == "" {
		return fallback, nil
	}
	c, err := cid.Decode(text)
	if err != nil {
		return 0, &parameterError{Parameter: parameter, Value: text, Message: "must be the CID of a record"}
	}
	if i := slices.Index(versions, c); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("%w: the history of this course that is kept here has no record %s", errNotFound, c)
}
