package ooapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
)

// list tries the listing of all entries of a branch, once. It leaves held nil where the server refuses it, fails,
// gives more than may be held, or less than is known.
func (s *stock) list(ctx context.Context) error {
	ofAll := !slices.Contains(s.whole, root)
	if patient := s.must || s.asked < emptyAfter; len(s.known) == 0 && !ofAll && patient {
		return nil // nothing to judge the listing by yet
	}
	s.done = true
	segments, err := s.segments(ctx)
	if err != nil || segments == nil {
		return err
	}
	held, ids := make(map[string][]source.Record), make(map[string]bool)
	err = s.walk.client.list(ctx, func(rec source.Record) error { return s.hold(held, ids, rec) }, segments...)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for id := range s.known {
		if !ids[id] {
			return nil
		}
	}
	if err == nil {
		s.held = held
	}
	return nil
}

// segments is the path of the listing; nil when the institution is not known.
func (s *stock) segments(ctx context.Context) ([]string, error) {
	out := slices.Clone(s.whole)
	if i := slices.Index(out, root); i >= 0 {
		id, err := s.walk.root(ctx)
		if err != nil || !source.Addressable(id) {
			return nil, err
		}
		out[i] = id
	}
	return out, nil
}

// hold keeps an entry under the course it names; a listing that shifts under the reader repeats entries.
func (s *stock) hold(held map[string][]source.Record, ids map[string]bool, rec source.Record) error {
	lim := s.walk.client.Limits
	obj, err := rec.Decode(lim, "")
	if err != nil {
		return fmt.Errorf("%s: %w", rec, err) // whose it is cannot be told
	}
	id := s.id(obj)
	if (s.wants != nil && !s.wants(obj)) || (id != "" && ids[id]) {
		return nil
	}
	ids[id] = true
	if s.walk.heldBytes += rec.Weight(); s.walk.heldBytes > lim.HeldBytes {
		return errors.New("more than may be held")
	}
	for _, owner := range named(obj, s.owner, s.ownerID) {
		owner = strings.Clone(owner) // outlives the object
		held[owner] = append(held[owner], rec)
	}
	return nil
}

// root is the id of the institution, when the server has exactly one.
func (w *walk) root(ctx context.Context) (string, error) {
	if w.rootAsked {
		return w.rootID, nil
	}
	w.rootAsked = true
	words, seen := w.version.words, 0
	kind := words.organization + "Type"
	err := w.client.listWith(ctx, url.Values{kind: {"root"}}, func(rec source.Record) error {
		obj, err := rec.Decode(w.client.Limits, "")
		if err == nil && obj.Text(kind) == "root" { // some servers ignore the filter
			seen++
			w.rootID = obj.Text(words.organizations.ID)
		}
		return nil
	}, words.organizations.Name)
	if seen != 1 || err != nil {
		w.rootID = ""
	}
	return w.rootID, ctx.Err()
}
