package node

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/node/validate"
)

// Validator checks documents and sources by the configuration alone, without a data directory.
func Validator(cfg Config) (*validate.Validator, error) {
	checker, err := cfg.Profile.Checker()
	if err != nil {
		return nil, err
	}
	snapshot, err := cfg.known(slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool)
	for _, p := range snapshot.Providers {
		known[p.ID] = true
	}
	return &validate.Validator{Checker: checker, Adapters: readers(), Known: func(id string) bool { return known[id] }}, nil
}

// maxShapes bounds a file of shapes, which is there for people to read.
const maxShapes = 16 << 20

// validator checks documents by what this node knows.
func (n *Node) validator() *validate.Validator {
	known := func(id string) bool { _, ok := n.authority.Known(id); return ok }
	return &validate.Validator{Checker: n.profile, Adapters: readers(), Known: known}
}

// Checker checks courses against the application profile and the operator's own shapes. A file that cannot be
// used is an error: whoever asked for checks shall not believe that they were made.
func (c ProfileConfig) Checker() (*profile.Checker, error) {
	var own []profile.File
	for _, name := range c.Shapes {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("profile.shapes: %w", err)
		}
		if info.Size() > maxShapes {
			return nil, fmt.Errorf("profile.shapes: %s has %d bytes, at most %d are read", name, info.Size(), maxShapes)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("profile.shapes: %w", err)
		}
		own = append(own, profile.File{Name: name, Text: string(text)})
	}
	checker, err := profile.New(own...)
	if err != nil {
		return nil, fmt.Errorf("profile.shapes: %w", err)
	}
	return checker, nil
}
