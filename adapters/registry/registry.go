// Package registry reads who there is: lists of institutions and alliances as DEQAR (Connect API), the EWP
// registry (catalogue) and the EUF HEI API give them, and snapshots of this project's own form. Several lists
// are merged into one snapshot.
//
// Institutions of several lists are the same when they share an identifier, the strongest first: SCHAC code
// (former ones included), ETER or OrgReg id, DEQAR id, PIC, Erasmus code, registrable domain of the website.
// Nothing is matched by name. An entry that cannot be used is reported and left out; the others go on.
//
// A snapshot decides whose manifests count as evidence, and which domain is whose alliance. So a list is taken
// over https or from the operator's disk, and an alliance is what its registry marks as one.
package registry

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/coursemesh/coursemesh/federation"
)

// Snapshot of the institutions and alliances that are known.
type Snapshot struct {
	Providers []federation.Provider `json:"providers" yaml:"providers"`
	Alliances []federation.Alliance `json:"alliances" yaml:"alliances"`
}

// List is what one registry says.
type List struct {
	Name     string    // of the file or URL, for messages
	Format   string    // DEQAR, EWP, EUF or snapshot
	Problems []Problem // entries left out
	More     bool      // the registry has further pages (DEQAR)

	entries []entry
}

// Len is the number of usable entries.
func (l List) Len() int { return len(l.entries) }

// Problem says what is wrong with an entry, in the registry's own terms.
type Problem struct{ Where, Message string }

func (p Problem) String() string { return p.Where + ": " + p.Message }

// Limits of one list.
const (
	MaxBytes    = 256 << 20
	maxEntries  = 200_000
	maxText     = 2048 // bytes of one value
	maxValues   = 1000 // identifiers or members of one entry
	maxProblems = 200  // reported
	maxDepth    = 64
)

// ErrFormat says that a document is none of the forms that are read.
var ErrFormat = errors.New("none of a DEQAR Connect list (JSON with results), an EWP catalogue (XML), an EUF HEI list (JSON with data), " +
	"or a snapshot (JSON or YAML with providers and alliances)")

// entry is an institution or alliance as one registry knows it.
type entry struct {
	where    string
	schac    []string // normalised, the current one first
	former   []string // former SCHAC codes
	eter     string
	deqar    string // number without leading zeros
	pic      string
	erasmus  string
	others   []string // further identifiers and IRIs
	name     string
	country  string
	website  string
	alliance bool
	members  []string // DEQAR numbers, or provider ids in a snapshot
	id       string   // given by a snapshot
}

// Read reads one document; name is for messages. The error names what the document lacks; unusable entries are
// problems of the list.
func Read(name string, r io.Reader) (List, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return List{}, fmt.Errorf("%s: %w", name, err)
	}
	if len(body) > MaxBytes {
		return List{}, fmt.Errorf("%s: larger than %d MiB", name, MaxBytes>>20)
	}
	l := List{Name: name}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	switch {
	case len(body) == 0:
		err = ErrFormat
	case body[0] == '<':
		err = l.readEWP(body)
	case body[0] == '{':
		err = l.readJSON(body)
	default:
		err = l.readYAML(body)
	}
	if err != nil {
		return List{}, fmt.Errorf("%s: %w", name, err)
	}
	return l, nil
}

// Of makes a list of what is known otherwise, such as from configuration.
func Of(name string, s Snapshot) (List, error) {
	l := List{Name: name}
	if err := l.snapshot(s); err != nil {
		return List{}, fmt.Errorf("%s: %w", name, err)
	}
	return l, nil
}

func (l *List) problem(where, message string) {
	if len(l.Problems) < maxProblems {
		l.Problems = append(l.Problems, Problem{where, message})
	}
}

// add takes an entry in, or says why not.
func (l *List) add(e entry) error {
	if len(l.entries) >= maxEntries {
		return fmt.Errorf("more than %d entries", maxEntries)
	}
	if fault := e.fault(); fault != "" {
		l.problem(e.where, fault)
		return nil
	}
	l.entries = append(l.entries, e)
	return nil
}

func (e entry) fault() string {
	for _, text := range append([]string{e.name, e.website, e.eter, e.pic, e.erasmus, e.country, e.deqar}, e.others...) {
		if len(text) > maxText {
			return fmt.Sprintf("a value of more than %d bytes", maxText)
		}
	}
	if len(e.others) > maxValues || len(e.members) > maxValues || len(e.schac)+len(e.former) > maxValues {
		return fmt.Sprintf("more than %d identifiers or members", maxValues)
	}
	return ""
}

// addSchac keeps a SCHAC code that is a domain.
func (l *List) addSchac(e *entry, code string, former bool) {
	domain, err := federation.NormaliseDomain(code)
	switch {
	case err != nil:
		l.problem(e.where, err.Error())
	case former:
		e.former = append(e.former, domain)
	default:
		e.schac = append(e.schac, domain)
	}
}
