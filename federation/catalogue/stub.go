// Package catalogue merges held heads and authority into the effective records and their roots (PROTOCOL section 3).
package catalogue

import (
	"context"
	"iter"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
)

// Item is one effective (or local) record of the catalogue.
type Item struct {
	Key       string
	CID       cid.Cid
	Publisher federation.PublisherID
	Domain    string           // source domain
	Class     federation.Class // Local for what this node harvested and may not speak for
}

// Roots identify the state of the catalogue; Catalogue is Undef while a partial node holds not all records.
type Roots struct {
	Catalogue cid.Cid
	Authority [32]byte
	Heads     [32]byte
}

// Catalogue follows the store and the authority. Safe for concurrent use.
type Catalogue struct { /* owner's fields */
}

// Roots returns the three roots of the same moment.
func (c *Catalogue) Roots() Roots { panic("unwritten") }

// Count returns the numbers of effective and of local course records.
func (c *Catalogue) Count() (effective, local int) { panic("unwritten") }

// Get returns the item of a key.
func (c *Catalogue) Get(key string) (Item, bool) { panic("unwritten") }

// Items lists the items in key order whose key has the prefix ("" for all).
func (c *Catalogue) Items(prefix string) iter.Seq[Item] { panic("unwritten") }

// Rows is the authority table with ranks and the effective mark.
func (c *Catalogue) Rows() []federation.Row { panic("unwritten") }

// Provenance lists what every held publisher says under the same kind and subject, effective or not.
func (c *Catalogue) Provenance(key string) ([]Item, error) { panic("unwritten") }

// Follow calls apply with what changed since the last call (everything the first time), one call at a time, until ctx ends.
func (c *Catalogue) Follow(ctx context.Context, apply func(changed []Item, removed []string) error) error {
	panic("unwritten")
}
