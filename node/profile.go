package node

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/node/validate"
)

// maxShapes bounds a file of shapes, which is there for people to read.
const maxShapes = 16 << 20

// validator checks documents by what this node knows.
func (n *Node) validator() *validate.Validator {
	known := func(id string) bool { _, ok := n.authority.Known(id); return ok }
	return &validate.Validator{
		Checker: n.profile.Load(), Adapters: readers(), Known: known,
		Institutions: harvest.NewInstitutions(n.authority.Known, n.authority.Providers),
	}
}

// validateText checks with what is in force at the moment.
func (n *Node) validateText(ctx context.Context, body io.Reader, media, provider string) (profile.Report, error) {
	return n.validator().Text(ctx, body, media, provider)
}

// loadProfile compiles the checks against the vocabularies that are in force.
func (n *Node) loadProfile() error {
	checker, err := n.cfg.Profile.Checker()
	if err == nil {
		n.profile.Store(checker)
	}
	return err
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
