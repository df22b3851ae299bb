package api

import (
	"time"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/api/portal"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
)

// around finds what belongs to a course on its page.
func (a *API) around(c course.Course) (out portal.Around, err error) {
	item, ok := a.cfg.Catalogue.Get(federation.Record{Kind: federation.KindCourse, Provider: c.Provider, Subject: c.IRI}.Key())
	if !ok {
		return out, nil // withdrawn in this moment
	}
	runs, err := a.runsOf(item)
	if err != nil {
		return out, inside(err)
	}
	for _, run := range runs {
		if run.Record != c.Record {
			out.Elsewhere = append(out.Elsewhere, run)
		}
	}
	if out.Parts, err = a.linked(item, parts); err != nil {
		return out, inside(err)
	}
	if out.PartOf, err = a.linked(item, partOf); err != nil {
		return out, inside(err)
	}
	if err := a.past(item, &out); err != nil {
		return out, err
	}
	out.Proof, err = a.trail(item)
	return out, err
}

// shownVersions is how many a course's page compares; the API has the rest.
const shownVersions = 10

// past compares the versions that the page shows.
func (a *API) past(item catalogue.Item, out *portal.Around) error {
	versions, older, err := a.compared(item, shownVersions)
	if err != nil {
		return err
	}
	out.Older = older
	for _, v := range versions {
		one := portal.Version{Record: v.Record, Issued: v.Issued, Source: v.Domain, Publisher: v.Publisher, Current: v.Effective, New: v.Version.Version}
		if v.Changes != nil {
			one.Before = v.before.String()
			one.Specification, one.Offering, one.Volatile = v.Changes.Specification, v.Changes.Offering, v.Changes.Volatile
		}
		one.Differences = v.differences
		out.Versions = append(out.Versions, one)
	}
	return nil
}

// trail is where a record comes from, and the head that lists it.
func (a *API) trail(item catalogue.Item) (out portal.Proof, err error) {
	content, err := a.courses.Content(item.CID)
	if err != nil {
		return out, inside(err)
	}
	if content.Record.Snapshot.Defined() {
		out.Snapshot = content.Record.Snapshot.String()
	}
	held, err := a.cfg.DB.Head(item.Publisher)
	if err != nil {
		return out, inside(err)
	}
	out.Head, out.Epoch, out.Number, out.Records = federation.CIDOf(held.Envelope).String(), held.Epoch, held.Seq, held.Count
	out.Signed, out.Node = time.Unix(held.Issued, 0).UTC().Format(time.RFC3339), held.Node.Name
	return out, nil
}

func (a *API) linked(item catalogue.Item, r relation) ([]portal.Neighbour, error) {
	items, missing, err := a.neighbours(item, r)
	if err != nil {
		return nil, err
	}
	var out []portal.Neighbour
	for _, item := range items {
		content, err := a.courses.Content(item.CID)
		if err != nil {
			return nil, err
		}
		out = append(out, portal.Neighbour{Link: *content.Link()})
	}
	for _, ref := range missing {
		out = append(out, portal.Neighbour{Link: course.Link{Title: ref.Title}, Name: course.ReferenceOf(ref).Name()})
	}
	return out, nil
}
