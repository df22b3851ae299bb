// Package vocabularies brings newer controlled vocabularies into a node: it reads lists from the
// Publications Office of the European Union, from files or from URLs, checks them, keeps what they say in
// the node's database, and lays it over the embedded lists.
//
// It promises that an update is taken whole or not at all, that concepts only go when the operator calls
// a list complete, and that kept lists which cannot be used keep no node from starting. It does not
// judge labels: whoever may run the command may name a concept as they like.
package vocabularies

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Config of a Store.
type Config struct {
	DB       *store.DB
	Endpoint string // answers SPARQL queries about the European Union's vocabularies
	Fetch    func(context.Context, fetch.Request) (*fetch.Response, error)
	Log      *slog.Logger
	Now      func() time.Time
}

// Store keeps the lists of one node. The lists in force are those of the whole process.
type Store struct {
	cfg      Config
	versions store.Table[version]

	updating sync.Mutex // guards held
	held     version    // the version in force; its number is 0 when only embedded lists are
}

// version is one update as it is kept, under its number.
type version struct {
	Number  int                `json:"number"`
	Updated time.Time          `json:"updated"`
	Sources []string           `json:"sources"`
	Lists   vocabulary.Overlay `json:"lists"` // with those of the updates before
}

// keepVersions is how many are kept; a version that cannot be used makes way for the one before.
const keepVersions = 5

// Open puts the newest kept lists that can be used in force.
func Open(cfg Config) *Store {
	s := &Store{cfg: cfg, versions: store.TableOf[version](cfg.DB, "vocabularies")}
	kept, err := s.versions.Last("", keepVersions)
	if err != nil {
		cfg.Log.Warn("updated vocabularies cannot be read; the embedded ones are used", "error", err)
	}
	for _, v := range kept {
		if err := vocabulary.Use(v.Lists); err != nil {
			cfg.Log.Warn("a version of updated vocabularies is not used", "version", v.Number, "error", err)
			continue
		}
		s.held = v
		break
	}
	return s
}

// keep makes a version durable and puts it in force.
func (s *Store) keep(v version) error {
	if err := s.versions.Put(key(v.Number), v); err != nil {
		return err
	}
	if err := vocabulary.Use(v.Lists); err != nil {
		return err
	}
	s.held = v
	if v.Number <= keepVersions {
		return nil
	}
	return s.versions.Delete(key(v.Number - keepVersions))
}

func key(number int) string { return fmt.Sprintf("%09d", number) }
