// Package launch runs nodes as processes of their own: the program itself, each with a directory. The
// demo and the benchmark of replication stand on it.
package launch

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

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/node"
	"go.yaml.in/yaml/v3"
)

// Process is one node. The exported fields are set before Init or Serve.
type Process struct {
	Name   string // for messages
	Dir    string // data directory, which also holds configuration and log
	Binary string // the coursemesh program

	Identity node.Identity // after Init
	Ready    node.Ready    // after Serve

	cmd *exec.Cmd
	log *os.File
}

const (
	startTime = time.Minute // until a node must say that it serves
	stopTime  = 10 * time.Second
)

// Init runs `coursemesh init`.
func (p *Process) Init(ctx context.Context) error {
	return p.Command(ctx, &p.Identity, "init")
}

// Command runs a command of the program on the node's directory and reads the JSON that it prints, also of one
// that ends with findings or in part.
func (p *Process) Command(ctx context.Context, into any, args ...string) error {
	cmd := exec.CommandContext(ctx, p.Binary, append(args, "--json", "--quiet", "--data-dir", p.Dir, "--config", p.config())...)
	cmd.Env = environment()
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && (exit.ExitCode() != api.ExitFindings && exit.ExitCode() != api.ExitPartial) {
		err = fmt.Errorf("%w: %s", err, exit.Stderr)
	} else if exit != nil {
		err = nil
	}
	if err == nil {
		err = json.Unmarshal(out, into)
	}
	if err != nil {
		return fmt.Errorf("%s: %s: %w", p.Name, strings.Join(args, " "), err)
	}
	return nil
}

func (p *Process) config() string { return filepath.Join(p.Dir, "coursemesh.yaml") }

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

// Configure writes the node's configuration.
func (p *Process) Configure(c node.Config) error {
	c.DataDir = p.Dir
	data, err := yaml.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(p.config(), data, 0o600)
}

// Loopback is a configuration that listens on loopback only, on free ports, and knows these peers.
func Loopback(name string, peers []string) node.Config {
	c := node.Defaults()
	c.Node = node.NodeConfig{Name: name}
	c.HTTP.Listen = "127.0.0.1:0"
	c.P2P = node.P2PConfig{Listen: []string{"/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"}, Peers: peers}
	return c
}

// Serve starts `coursemesh serve` and waits until it says that it serves. Its log goes to a file.
func (p *Process) Serve(ctx context.Context) (err error) {
	if p.log, err = os.OpenFile(filepath.Join(p.Dir, "node.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return err
	}
	p.cmd = exec.Command(p.Binary, "serve", "--json", "--config", p.config(), "--data-dir", p.Dir)
	p.cmd.Env, p.cmd.Stderr = environment(), p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt on the terminal reaches us first
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
		if err := json.Unmarshal(text, &p.Ready); err != nil || !p.Ready.Ready {
			return fmt.Errorf("%s did not start; its log is %s", p.Name, p.log.Name())
		}
		return nil
	case <-time.After(startTime):
		return fmt.Errorf("%s does not serve after %s; its log is %s", p.Name, startTime, p.log.Name())
	case <-ctx.Done():
		return ctx.Err()
	}
}

// PID of the process that serves.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Interrupt asks the process to end.
func (p *Process) Interrupt() {
	if p.cmd != nil && p.cmd.Process != nil {
		_ = p.cmd.Process.Signal(syscall.SIGTERM) // ended already: nothing to do
	}
}

// Wait gives the process a moment to end, then kills it. How a process that somebody else killed ended is
// no error.
func (p *Process) Wait() error {
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

// Get reads JSON from a node's public side.
func (p *Process) Get(ctx context.Context, path string, into any) error {
	return get(ctx, p.Ready.HTTP+path, into)
}
