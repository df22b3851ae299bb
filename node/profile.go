package node

import (
	"fmt"
	"os"

	"github.com/coursemesh/coursemesh/federation/profile"
)

// maxShapes bounds a file of shapes, which is there for people to read.
const maxShapes = 16 << 20

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
