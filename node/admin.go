package node

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/node/backup"
	"github.com/coursemesh/coursemesh/node/vocabularies"
	"golang.org/x/sync/errgroup"
)

// Admin is the operator's side of the node, as the admin socket serves it. On a node that does not Run it
// also starts catalogue and index, so that a one-shot command can search.
func (n *Node) Admin() http.Handler {
	network := n.up()
	if network == nil && n.follow == nil {
		n.startFollowers()
	}
	c := api.AdminConfig{
		Public: n.api, Metrics: n.api.Metrics(), Harvest: n.runHarvest, Try: n.harvest.Try, Discover: n.harvest.Discover,
		Operator: api.Operator{
			Self: n.ids.Publisher, Authority: n.authority, Catalogue: n.catalogue, Subjects: n.api.Subjects, Now: n.cfg.Now,
		},
		Upkeep: n.upkeep(),
		Dump:   n.dump, Backup: n.backup, Erase: n.erase, Purge: n.purge, Ready: n.ready, Vocabularies: n.updateVocabularies, Registry: n.updateRegistry,
	}
	if network != nil {
		c.Connect, c.Ban = network.connect, network.ban
	}
	return api.Admin(c)
}

func (n *Node) startFollowers() {
	ctx, cancel := context.WithCancel(context.Background())
	var g errgroup.Group
	g.Go(func() error { return n.catalogue.Run(ctx) })
	g.Go(func() error { return n.index.Run(ctx) })
	n.follow = func() error {
		cancel()
		_ = g.Wait() // they end with the context's error
		return nil
	}
}

func (n *Node) runHarvest(ctx context.Context, q api.HarvestRequest, progress func(harvest.Event)) (harvest.Report, error) {
	opts := harvest.Options{Website: q.Website, AllowLoss: q.AllowLoss, AllowMove: q.AllowMove, Fresh: q.Fresh, Progress: progress}
	if q.Source != "" {
		return n.runSource(ctx, q.Source, opts)
	}
	if q.Target == "" {
		return n.harvest.All(ctx, opts)
	}
	return n.harvest.Target(ctx, q.Target, q.Provider, opts)
}

// runSource runs one source: of its domain's manifest, or again as it was given by hand.
func (n *Node) runSource(ctx context.Context, name string, opts harvest.Options) (harvest.Report, error) {
	s, err := n.harvest.Find(name)
	if err != nil {
		return harvest.Report{}, err
	}
	if s.ByHand {
		return harvest.Report{}, fmt.Errorf("%s %w by name, since no manifest of %s names it: `coursemesh harvest ... --provider %s` as the first time", s.Spec.Key(), harvest.ErrTarget, s.Domain, s.Domain)
	}
	opts.Source = s.Spec.Key()
	return n.harvest.Domain(ctx, s.Domain, opts)
}

// ready merges what is stored into the catalogue and waits until the index has it.
func (n *Node) ready(ctx context.Context) error {
	if err := n.catalogue.Update(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-n.index.Ready():
		return n.catalogue.Settle(ctx)
	}
}

// updateVocabularies takes newer vocabularies in.
func (n *Node) updateVocabularies(ctx context.Context, q api.VocabularyRequest) (any, error) {
	report, err := n.vocabularies.Update(ctx, vocabularies.Request(q))
	var status *adapters.StatusError
	if errors.As(err, &status) {
		return nil, &api.AdminError{Message: err.Error(), Exit: api.ExitNetwork}
	}
	if err != nil || !report.Changed || q.DryRun {
		return report, err
	}
	if err := n.loadProfile(); err != nil {
		return report, err
	}
	n.reindex()
	return report, nil
}

// updateRegistry asks the registries and acts on what they know at once.
func (n *Node) updateRegistry(ctx context.Context, q api.RegistryRequest) (any, error) {
	report, err := UpdateRegistry(ctx, n.cfg, q.From, q.AllowLoss, n.log)
	if errors.Is(err, ErrRegistryLoss) {
		return nil, &api.AdminError{Message: err.Error(), Exit: api.ExitConflict}
	}
	if err != nil {
		return nil, err
	}
	known, err := n.cfg.known(n.log)
	if err != nil {
		return nil, err
	}
	n.authority.Learn(known.Providers, slices.Concat(n.cfg.Trust.Alliances, known.Alliances))
	report.InForce = true
	if err := n.catalogue.Update(ctx); err != nil {
		return report, err
	}
	n.reindex()
	return report, nil
}

// reindex lets search follow what is known of institutions and concepts, in the background. A one-shot command's node
// ends with the command.
func (n *Node) reindex() {
	if n.up() != nil {
		n.catalogue.Again()
	}
}

// dump writes the catalogue into a directory; "" means where this node offers its newest dump.
func (n *Node) dump(ctx context.Context, dir string) (any, error) {
	if dir == "" {
		dir = n.dumps()
	}
	return n.api.Dump(ctx, dir)
}

// backup writes the data directory into a new file.
func (n *Node) backup(file string, keys bool) (any, error) {
	return backup.Write(file, backup.Source{
		Dir: n.cfg.DataDir, Copy: n.db.Copy,
		Info: backup.Info{Made: time.Now().UTC().Truncate(time.Second), Version: n.version, Publisher: n.ids.Publisher, Keys: keys},
	})
}

func (n *Node) dumps() string { return filepath.Join(n.cfg.DataDir, "dumps") }
