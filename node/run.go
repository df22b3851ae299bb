package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"golang.org/x/sync/errgroup"
)

// Ready is what a node tells once it serves.
type Ready struct {
	Ready     bool                   `json:"ready"`
	HTTP      string                 `json:"http"` // URL of portal and API
	P2P       []string               `json:"p2p"`  // multiaddresses for other nodes' p2p.peers
	Peer      string                 `json:"peer"`
	Publisher federation.PublisherID `json:"publisher"`
}

const shutdownTime = 5 * time.Second

// Run serves, harvests and replicates until ctx ends. ready is called once everything listens.
func (n *Node) Run(ctx context.Context, ready func(Ready)) error {
	public, err := net.Listen("tcp", n.cfg.HTTP.Listen)
	if err != nil {
		return fmt.Errorf("http.listen: %w", err)
	}
	defer public.Close()
	admin, err := n.listenAdmin()
	if err != nil {
		return err
	}
	defer admin.Close()
	network, err := n.startNetwork(ctx)
	if err != nil {
		return err
	}
	n.setNetwork(network)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return n.catalogue.Run(ctx) })
	g.Go(func() error { return n.index.Run(ctx) })
	g.Go(func() error { return n.journal.Run(ctx) })
	g.Go(func() error { return n.authority.Run(ctx) })
	g.Go(func() error { return network.run(ctx) })
	g.Go(func() error { return n.harvest.Run(ctx) })
	g.Go(func() error { return n.collect(ctx) })
	g.Go(func() error { return n.forget(ctx) })
	g.Go(func() error { return serve(ctx, api.Server(n.api), public) })
	g.Go(func() error {
		return serve(ctx, &http.Server{Handler: n.Admin(), ReadHeaderTimeout: shutdownTime}, admin)
	})
	ready(Ready{true, "http://" + public.Addr().String(), network.host.Addrs(), n.ids.Peer, n.ids.Publisher})
	err = g.Wait()
	n.setNetwork(nil)
	return errors.Join(keepCause(err), network.close())
}

// keepCause drops the error that only says that Run was asked to end.
func keepCause(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// listenAdmin opens the admin socket; a socket left by a crash is replaced, since the database lock
// shows that nobody serves it.
func (n *Node) listenAdmin() (net.Listener, error) {
	path := n.socketPath()
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("admin socket: %w (a data directory with a shorter path helps when the name is too long)", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// serve ends with ctx, giving requests a moment to finish.
func serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		_ = server.Close()
	}
	<-stopped
	return ctx.Err()
}

const (
	collectEvery = 6 * time.Hour
	collectAfter = 24 * time.Hour // a staged block is an unfinished transfer until then
)

// collect removes blocks that nothing refers to.
func (n *Node) collect(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(collectEvery):
		}
		blocks, bytes, err := n.db.Collect(ctx, time.Now().Add(-collectAfter).Unix())
		if err != nil {
			n.log.Warn("collection of unused blocks failed", "error", err)
			continue
		}
		n.log.Info("unused blocks collected", "blocks", blocks, "bytes", bytes)
	}
}
