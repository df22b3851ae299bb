package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/node"
)

// changedWord is in the titles of courses that change, and nowhere else.
const changedWord = "Zweitfassung"

const (
	stageFirst = iota
	stageHarvest
	stageSearchable
)

// updating measures a node from the order to harvest a document of which one course in a hundred has changed until a
// search over HTTP finds every changed course. What the first harvest of all courses takes is a stage beside it, and
// not in the figures of the result.
func updating(ctx context.Context, opt Options, progress io.Writer) (_ Result, err error) {
	dir, err := os.MkdirTemp(opt.Dir, "coursemesh-bench-")
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	n, err := newOwnNode(filepath.Join(dir, "node"))
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	file, changed := filepath.Join(dir, "courses.ttl"), max(opt.N/100, 1)
	first := start("first harvest of all", "harvest", "until searchable")
	fmt.Fprintf(progress, "harvesting %d courses\n", opt.N)
	err = first.stage(stageFirst, func() error { return n.renew(ctx, file, opt, 0, opt.N) })
	peak := first.memory.stop()
	if err != nil {
		return Result{}, err
	}
	fmt.Fprintf(progress, "harvesting them again, %d changed\n", changed)
	if _, err := writeChanged(file, opt, changed); err != nil {
		return Result{}, err
	}
	m := start("first harvest of all", "harvest", "until searchable")
	m.stages[stageFirst] = first.stages[stageFirst]
	if err = m.stage(stageHarvest, func() error { return n.harvest(ctx, file, changed) }); err == nil {
		err = m.stage(stageSearchable, func() error { return n.finds(ctx, changedWord, changed) })
	}
	result := m.stop(opt.N)
	result.Courses, result.PeakMemory = changed, max(peak, result.PeakMemory)
	return result, err
}

// writeChanged writes the document of all courses, of which some are spread evenly that say something new.
func writeChanged(name string, opt Options, changed int) (int64, error) {
	f, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	out := bufio.NewWriter(f)
	counted := &counter{out, 0}
	_, err = io.WriteString(counted, prefixes)
	for i := 0; i < opt.N && err == nil; i++ {
		c := draw(i, rand.New(rand.NewPCG(opt.Seed, uint64(i))))
		if step := opt.N / max(changed, 1); changed > 0 && i%step == 0 && i/step < changed {
			c.title += " " + changedWord
		}
		err = c.write(counted)
	}
	return counted.n, errors.Join(err, out.Flush(), f.Close())
}

// ownNode is a node in this process, which is asked over HTTP.
type ownNode struct {
	node   *node.Node
	server *http.Server
	base   string
	ended  chan error
}

// newOwnNode opens a node whose publisher counts for the synthetic institution.
func newOwnNode(dir string) (*ownNode, error) {
	id, err := node.Init(dir)
	if err != nil {
		return nil, err
	}
	c := node.Defaults()
	c.DataDir = dir
	c.Registry.Providers = []federation.Provider{{ID: provider}}
	c.Trust.Publishers = []authority.Trust{{ID: id.Publisher, Provider: provider, Class: federation.Member}}
	n, err := node.Open(c, "bench", slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	i := &ownNode{node: n, server: &http.Server{Handler: n.Admin(), ReadHeaderTimeout: time.Minute}, base: "http://" + listener.Addr().String(), ended: make(chan error, 1)}
	go func() { i.ended <- i.server.Serve(listener) }()
	return i, nil
}

func (i *ownNode) close() error {
	err := i.server.Close()
	<-i.ended // that it was closed
	return errors.Join(err, i.node.Close())
}

// renew writes the document and harvests it, until all of it can be found.
func (i *ownNode) renew(ctx context.Context, file string, opt Options, changed, expect int) error {
	if _, err := writeChanged(file, opt, changed); err != nil {
		return err
	}
	if err := i.harvest(ctx, file, expect); err != nil {
		return err
	}
	return i.finds(ctx, "", opt.N)
}

// harvest reads the document as `coursemesh harvest FILE` does, and wants so many courses to be new or changed.
func (i *ownNode) harvest(ctx context.Context, file string, expect int) error {
	body, err := json.Marshal(api.HarvestRequest{Target: file, Provider: provider})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, i.base+"/v1/admin/harvest", bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	lines := json.NewDecoder(response.Body)
	for {
		var line api.Line[harvest.Report]
		if err := lines.Decode(&line); err != nil {
			return fmt.Errorf("harvest, status %d: %w", response.StatusCode, err)
		}
		switch {
		case line.Error != nil:
			return line.Error
		case line.Report != nil && line.Report.New+line.Report.Changed != expect:
			return fmt.Errorf("%d courses new and %d changed, want %d in all", line.Report.New, line.Report.Changed, expect)
		case line.Report != nil:
			return nil
		}
	}
}

// finds asks until a search gives so many courses.
func (i *ownNode) finds(ctx context.Context, words string, expect int) error {
	for {
		response, err := i.get(ctx, "/v1/courses?limit=1&q="+words)
		if err != nil {
			return err
		}
		if response == expect {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookEvery):
		}
	}
}

func (i *ownNode) get(ctx context.Context, path string) (total int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, i.base+strings.TrimSuffix(path, "&q="), nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	var list struct{ Total int }
	err = json.NewDecoder(response.Body).Decode(&list)
	return list.Total, errors.Join(err, response.Body.Close())
}
