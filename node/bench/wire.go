package bench

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
)

// wire forwards connections to a node and counts the bytes of both directions.
type wire struct {
	listener net.Listener
	bytes    atomic.Int64
	work     sync.WaitGroup

	mu     sync.Mutex // guards what follows
	target string
	open   map[net.Conn]struct{}
}

func newWire() (*wire, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &wire{listener: l, open: map[net.Conn]struct{}{}}
	w.work.Go(w.accept)
	return w, nil
}

// address is the multiaddress of the wire's near end.
func (w *wire) address() string {
	return fmt.Sprintf("/ip4/127.0.0.1/tcp/%d", w.listener.Addr().(*net.TCPAddr).Port)
}

// lead sets the far end: a multiaddress on loopback.
func (w *wire) lead(multiaddress string) error {
	parts := strings.Split(multiaddress, "/")
	if len(parts) < 5 || parts[1] != "ip4" || parts[3] != "tcp" {
		return fmt.Errorf("%s is no TCP address", multiaddress)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.target = net.JoinHostPort(parts[2], parts[4])
	return nil
}

// take is how many bytes went through since the last call.
func (w *wire) take() int64 { return w.bytes.Swap(0) }

func (w *wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.mu.Lock()
		target := w.target
		w.mu.Unlock()
		far, err := net.Dial("tcp", target)
		if err != nil {
			_ = near.Close()
			continue
		}
		w.forward(near, far)
		w.forward(far, near)
	}
}

// forward copies one direction until either side ends.
func (w *wire) forward(from, to net.Conn) {
	w.mu.Lock()
	w.open[from] = struct{}{}
	w.mu.Unlock()
	w.work.Go(func() {
		_, _ = io.Copy(to, counting{from, &w.bytes}) // an end is an end, whoever made it
		_ = to.Close()
		_ = from.Close()
		w.mu.Lock()
		delete(w.open, from)
		w.mu.Unlock()
	})
}

type counting struct {
	r io.Reader
	n *atomic.Int64
}

func (c counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func (w *wire) close() error {
	err := w.listener.Close()
	w.mu.Lock()
	for c := range w.open {
		err = errors.Join(err, ignoreClosed(c.Close()))
	}
	w.mu.Unlock()
	w.work.Wait()
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
