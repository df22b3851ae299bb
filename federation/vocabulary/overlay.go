package vocabulary

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
)

// Overlay is what newer lists say of the vocabularies, by vocabulary name.
type Overlay map[string]List

// List is what they say of one vocabulary.
type List struct {
	Complete bool    `json:"complete,omitempty"` // what it lacks is no longer in the vocabulary
	Entries  []Entry `json:"concepts"`
}

// Entry is one concept.
type Entry struct {
	ID     string            `json:"id"`
	Labels map[string]string `json:"labels,omitempty"` // by BCP 47 tag, lower-case
	Codes  []string          `json:"codes,omitempty"`  // of ISO 639 for languages, of ISO 3166-1 for countries
}

// Limits of an overlay. The longest list of the European Union, that of languages, has about 8,000 concepts.
const (
	maxConcepts = 20_000
	maxLabels   = 100
	maxLabel    = 1000 // bytes
	maxCodes    = 10
)

// ErrOverlay is wrapped by everything that is wrong with an overlay.
var ErrOverlay = errors.New("vocabulary cannot be used")

// Check reports the first thing that keeps an overlay from being used.
func (o Overlay) Check() error {
	known := embedded()
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if _, ok := vocabularies[name]; !ok {
			return fmt.Errorf("%w: there is no vocabulary %q; there are %s", ErrOverlay, name, strings.Join(Names(), ", "))
		}
		if err := o[name].check(name, known[name]); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrOverlay, name, err)
		}
	}
	return nil
}

func (l List) check(name string, before List) error {
	if len(l.Entries) > maxConcepts {
		return fmt.Errorf("%d concepts; %d are read at most", len(l.Entries), maxConcepts)
	}
	if l.Complete && len(l.Entries) == 0 {
		return errors.New("a complete list without concepts")
	}
	labelled := map[string]bool{}
	for _, e := range before.Entries {
		labelled[e.ID] = true
	}
	seen := map[string]bool{}
	for _, e := range l.Entries {
		if err := e.check(name); err != nil {
			return fmt.Errorf("concept %q: %w", e.ID, err)
		}
		if len(e.Labels) == 0 && !labelled[e.ID] {
			return fmt.Errorf("concept %q has no label; give it a skos:prefLabel with a language tag", e.ID)
		}
		if seen[strings.ToLower(e.ID)] {
			return fmt.Errorf("concept %q is listed twice", e.ID)
		}
		seen[strings.ToLower(e.ID)] = true
	}
	return nil
}

func (e Entry) check(name string) error {
	if !validID(name, e.ID) {
		return errors.New("no id that this vocabulary can have")
	}
	if len(e.Labels) > maxLabels || len(e.Codes) > maxCodes {
		return fmt.Errorf("more than %d labels or %d codes", maxLabels, maxCodes)
	}
	for tag, label := range e.Labels {
		if _, err := language.Parse(tag); err != nil || strings.ToLower(tag) != tag {
			return fmt.Errorf("label %q: %q is no lower-case language tag", label, tag)
		}
		if !utf8.ValidString(label) || strings.TrimSpace(label) != label || label == "" || len(label) > maxLabel ||
			strings.ContainsFunc(label, unicode.IsControl) {
			return fmt.Errorf("label %.100q: a label is one line of 1 to %d bytes without blanks around it", label, maxLabel)
		}
	}
	for _, code := range e.Codes {
		if (name != Languages && name != Countries) || (len(code) != 2 && len(code) != 3) || !isAlpha(code) {
			return fmt.Errorf("%.20q is no code of this vocabulary; codes have two or three letters", code)
		}
	}
	return nil
}

// validID says which ids a vocabulary can have.
func validID(name, id string) bool {
	digits := id != "" && strings.Trim(id, "0123456789") == ""
	switch name {
	case ISCEDFields:
		return digits && len(id) >= 2 && len(id) <= 4
	case EQFLevels:
		return digits && len(id) == 1 && id >= "1" && id <= "8"
	}
	return id != "" && len(id) <= 64 && id != schemeVersion && strings.IndexFunc(id, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	}) < 0
}

// With gives the lists as they are once newer ones are taken into account: concepts and labels are
// added, labels in one language replaced. Concepts go only where the newer list is complete; even then a
// concept that stays keeps the labels and codes that the newer list does not mention.
func (o Overlay) With(newer Overlay) Overlay {
	out := maps.Clone(o)
	if out == nil {
		out = Overlay{}
	}
	for name, list := range newer {
		out[name] = out[name].with(list)
	}
	return out
}

func (l List) with(newer List) List {
	changes := make(map[string]Entry, len(newer.Entries))
	for _, e := range newer.Entries {
		changes[e.ID] = e
	}
	out := List{Complete: l.Complete || newer.Complete, Entries: make([]Entry, 0, len(l.Entries)+len(newer.Entries))}
	for _, e := range l.Entries {
		change, ok := changes[e.ID]
		if !ok && newer.Complete {
			continue
		}
		delete(changes, e.ID)
		out.Entries = append(out.Entries, e.with(change))
	}
	for _, id := range slices.Sorted(maps.Keys(changes)) {
		out.Entries = append(out.Entries, changes[id])
	}
	return out
}

func (e Entry) with(newer Entry) Entry {
	out := Entry{ID: e.ID, Labels: maps.Clone(e.Labels), Codes: slices.Clone(e.Codes)}
	if out.Labels == nil {
		out.Labels = map[string]string{}
	}
	maps.Copy(out.Labels, newer.Labels)
	for _, code := range newer.Codes {
		if !slices.ContainsFunc(out.Codes, func(c string) bool { return strings.EqualFold(c, code) }) {
			out.Codes = append(out.Codes, code)
		}
	}
	return out
}

// ParseOverlay reads the JSON form of an overlay and checks it.
func ParseOverlay(text []byte) (Overlay, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var o Overlay
	if err := decoder.Decode(&o); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOverlay, err)
	}
	if decoder.More() {
		return nil, fmt.Errorf("%w: something follows the overlay", ErrOverlay)
	}
	return o, o.Check()
}
