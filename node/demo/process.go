package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/coursemesh/coursemesh/node"
	"go.yaml.in/yaml/v3"
)

// process is one node: a real program with a directory of its own.
type process struct {
	name, dir, binary string
	publisher         string
	harvests          []string
	ready             node.Ready
	cmd               *exec.Cmd
	log               *os.File
}

const (
	startTime = time.Minute // until a node must say that it serves
	stopTime  = 10 * time.Second
)

// init runs `coursemesh init`.
func (p *process) init(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, p.binary, "init", "--json", "--data-dir", p.dir, "--config", p.config())
	cmd.Env = environment()
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return fmt.Errorf("%s: init: %w: %s", p.name, err, exit.Stderr)
		}
		return fmt.Errorf("%s: init: %w", p.name, err)
	}
	var said struct{ Publisher string }
	if err := json.Unmarshal(out, &said); err != nil {
		return fmt.Errorf("%s: init: %w", p.name, err)
	}
	p.publisher = said.Publisher
	return nil
}

func (p *process) config() string { return filepath.Join(p.dir, "coursemesh.yaml") }

// environment leaves out settings of the person's own node.
func environment() []string {
	var out []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "COURSEMESH_") {
			out = append(out, pair)
		}
	}
	return out
}

// configure writes a node's configuration: all institutions are known, some are harvested, nobody is trusted.
func (f *federation) configure(p *process, peers []string) error {
	c := node.Defaults()
	c.Node = node.NodeConfig{Name: "Demo " + p.name}
	c.DataDir = p.dir
	c.HTTP.Listen = "127.0.0.1:0"
	c.P2P = node.P2PConfig{Listen: []string{"/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"}, Peers: peers}
	c.Harvest.Domains = p.harvests
	c.Fetch.Resolver, c.Fetch.CAFiles, c.Fetch.Hosts = f.resolver, []string{f.caFile()}, node.Hosts{}
	c.Fetch.PerHost, c.Fetch.Overall = 100, 1000 // the servers are ours
	for _, s := range f.sites {
		c.Registry.Providers = append(c.Registry.Providers, s.provider())
		c.Fetch.Hosts[s.Domain], c.Fetch.Hosts["www."+s.Domain] = s.origin, s.origin
	}
	data, err := yaml.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(p.config(), data, 0o600)
}

// serve starts `coursemesh serve` and waits until it says that it serves. Its log goes to a file.
func (p *process) serve(ctx context.Context) (err error) {
	if p.log, err = os.OpenFile(filepath.Join(p.dir, "node.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return err
	}
	p.cmd = exec.Command(p.binary, "serve", "--json", "--config", p.config(), "--data-dir", p.dir)
	p.cmd.Env, p.cmd.Stderr = environment(), p.log
	p.cmd.SysProcAttr = ownGroup() // an interrupt on the terminal reaches us first
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	line := make(chan []byte, 1)
	go func() {
		text, _ := bufio.NewReader(out).ReadBytes('\n') // an early end leaves no line
		line <- text
	}()
	select {
	case text := <-line:
		if err := json.Unmarshal(text, &p.ready); err != nil || !p.ready.Ready {
			return fmt.Errorf("%s did not start; its log is %s", p.name, p.log.Name())
		}
		return nil
	case <-time.After(startTime):
		return fmt.Errorf("%s does not serve after %s; its log is %s", p.name, startTime, p.log.Name())
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *process) interrupt() {
	if p.cmd != nil && p.cmd.Process != nil {
		_ = p.cmd.Process.Signal(syscall.SIGTERM) // ended already: nothing to do
	}
}

// wait gives the process a moment, then kills it. How a process that somebody else killed ended is no error.
func (p *process) wait() error {
	if p.cmd == nil || p.cmd.Process == nil {
		return nil
	}
	ended := make(chan struct{})
	go func() {
		_ = p.cmd.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(stopTime):
		_ = p.cmd.Process.Kill()
		<-ended
	}
	return p.log.Close()
}
