package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// lab is a federation of node processes, each on a host of its own: a network namespace with one address on
// a bridge that the test made. Faults of the network are rules and queues inside the namespaces.
type lab struct {
	t     *testing.T
	name  string
	nodes []*labNode
}

// labNode is one node of a lab and what it published.
type labNode struct {
	lab       *lab
	number    int
	ns, dir   string
	publisher string
	peer      string
	process   *exec.Cmd
	client    *http.Client
	titles    map[string]string // course -> title, as acknowledged by harvest
}

// newLab starts n nodes that trust each other and know each other's addresses.
func newLab(t *testing.T, n int) *lab {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	for _, tool := range []string{"ip", "nft", "tc"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed (Debian: iproute2, nftables)", tool)
		}
	}
	l := &lab{t: t, name: fmt.Sprintf("cm%d", os.Getpid()%100_000)}
	l.ip("netns", "add", l.name+"hub")
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", l.name+"hub").Run() })
	l.in("hub", "ip", "link", "add", "br0", "type", "bridge")
	l.in("hub", "ip", "link", "set", "br0", "up")
	for i := range n {
		l.nodes = append(l.nodes, l.host(i+1))
	}
	for _, node := range l.nodes {
		node.configure()
		node.start()
	}
	return l
}

func (l *lab) ip(args ...string) { l.run("ip", args...) }

func (l *lab) run(name string, args ...string) {
	l.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		l.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

// in runs a command in a namespace of the lab.
func (l *lab) in(ns string, args ...string) {
	l.t.Helper()
	l.ip(append([]string{"netns", "exec", l.name + ns}, args...)...)
}

func (l *lab) host(number int) *labNode {
	l.t.Helper()
	n := &labNode{lab: l, number: number, ns: fmt.Sprint(number), dir: filepath.Join(l.t.TempDir(), "d"), titles: map[string]string{}}
	ns, port := l.name+n.ns, "p"+n.ns
	l.ip("netns", "add", ns)
	l.t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", ns).Run() })
	l.ip("link", "add", "e0", "netns", ns, "type", "veth", "peer", "name", port, "netns", l.name+"hub")
	l.in("hub", "ip", "link", "set", port, "master", "br0", "up")
	l.in(n.ns, "ip", "addr", "add", n.address()+"/24", "dev", "e0")
	l.in(n.ns, "ip", "link", "set", "e0", "up")
	l.in(n.ns, "ip", "link", "set", "lo", "up")
	l.in(n.ns, "nft", "add", "table", "inet", "lab")
	l.in(n.ns, "nft", "add", "chain", "inet", "lab", "in", "{ type filter hook input priority 0; policy accept; }")
	said, code := coursemesh(l.t, "init", "--data-dir", n.dir, "--json")
	var ids struct{ Peer, Publisher string }
	if err := json.Unmarshal([]byte(said), &ids); err != nil || code != 0 {
		l.t.Fatalf("init: %s, %v", said, err)
	}
	n.peer, n.publisher = ids.Peer, ids.Publisher
	n.client = socketClient(filepath.Join(n.dir, "admin.sock"))
	return n
}

func (n *labNode) address() string  { return fmt.Sprintf("10.77.0.%d", n.number) }
func (n *labNode) provider() string { return fmt.Sprintf("uni%d.example", n.number) }

// configure lets a node keep connections to all others and trust each publisher for its own institution.
func (n *labNode) configure() {
	n.lab.t.Helper()
	var peers, trust []string
	for _, o := range n.lab.nodes {
		trust = append(trust, fmt.Sprintf("{id: %s, provider: %s}", o.publisher, o.provider()))
		if o != n {
			peers = append(peers, fmt.Sprintf("/ip4/%s/tcp/4777/p2p/%s", o.address(), o.peer))
		}
	}
	config := fmt.Sprintf("http: {listen: \"127.0.0.1:0\"}\np2p: {listen: [/ip4/%s/tcp/4777], peers: [%s]}\ntrust: {publishers: [%s]}\nfetch: {resolver: \"127.0.0.1:9\"}\n",
		n.address(), strings.Join(peers, ", "), strings.Join(trust, ", "))
	if err := os.WriteFile(filepath.Join(n.dir, "coursemesh.yaml"), []byte(config), 0o600); err != nil {
		n.lab.t.Fatal(err)
	}
}

// start runs the node's process and waits until it serves.
func (n *labNode) start() {
	t := n.lab.t
	t.Helper()
	n.process = exec.Command("ip", "netns", "exec", n.lab.name+n.ns, "coursemesh", "serve", "--json", "--quiet", "--data-dir", n.dir)
	out, err := n.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := n.process.Start(); err != nil {
		t.Fatal(err)
	}
	process := n.process
	t.Cleanup(func() {
		_ = process.Process.Kill() // it may have ended already
		_ = process.Wait()
	})
	var ready struct{ Ready bool }
	if err := json.NewDecoder(out).Decode(&ready); err != nil || !ready.Ready {
		t.Fatalf("node %d does not start: %v", n.number, err)
	}
}

// kill ends the process as a power failure would, as far as one process can tell.
func (n *labNode) kill() {
	n.lab.t.Helper()
	if err := n.process.Process.Signal(syscall.SIGKILL); err != nil {
		n.lab.t.Fatal(err)
	}
	_ = n.process.Wait()
}

// publish states courses from..to with a title and harvests them; what harvest acknowledged must be found
// everywhere later.
func (n *labNode) publish(courses int, title string) {
	t := n.lab.t
	t.Helper()
	for i := range courses {
		n.titles[fmt.Sprintf("urn:%s:%d", n.provider(), i)] = fmt.Sprintf("%s %d", title, i)
	}
	var b strings.Builder
	b.WriteString("@prefix ql: <http://data.quality-link.eu/ontology/v1#> .\n@prefix dcterms: <http://purl.org/dc/terms/> .\n")
	for iri, title := range n.titles {
		fmt.Fprintf(&b, "<%s> a ql:LearningOpportunitySpecification ; dcterms:title %q@en .\n", iri, title)
	}
	file := filepath.Join(n.dir, "courses.ttl")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, code := coursemesh(t, "harvest", file, "--provider", n.provider(), "--data-dir", n.dir, "--quiet", "--json"); code != 0 {
		t.Fatalf("node %d harvests: exit %d, %s", n.number, code, said)
	}
}

// get asks the node through its socket, which no rule of the network stops.
func (n *labNode) get(path string, into any) error {
	resp, err := n.client.Get(host + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("node %d, %s: %d %s", n.number, path, resp.StatusCode, body)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// deaf makes a node drop all that comes from others: in one direction, unless they are deaf as well.
func (n *labNode) deaf(to ...*labNode) {
	for _, o := range to {
		n.lab.in(n.ns, "nft", "add", "rule", "inet", "lab", "in", "ip", "saddr", o.address(), "drop")
	}
}

// lossy makes a node drop a share of what arrives.
func (n *labNode) lossy(percent int) {
	n.lab.in(n.ns, "nft", "add", "rule", "inet", "lab", "in", "iif", "e0", "numgen", "random", "mod", "100", "<", fmt.Sprint(percent), "drop")
}

// slow lets a node send no faster.
func (n *labNode) slow(rate string) {
	n.lab.in(n.ns, "tc", "qdisc", "replace", "dev", "e0", "root", "tbf", "rate", rate, "burst", "32kb", "latency", "400ms")
}

// heal ends all faults.
func (l *lab) heal() {
	for _, n := range l.nodes {
		l.in(n.ns, "nft", "flush", "chain", "inet", "lab", "in")
		_ = exec.Command("ip", "netns", "exec", l.name+n.ns, "tc", "qdisc", "del", "dev", "e0", "root").Run() // there may be none
	}
}

// converged waits until all nodes report the same roots and hold every acknowledged course.
func (l *lab) converged(limit time.Duration) {
	l.t.Helper()
	want := map[string]string{}
	for _, n := range l.nodes {
		for iri, title := range n.titles {
			want[iri] = title
		}
	}
	began := time.Now()
	eventually(l.t, limit, func() error { return l.agree(len(want)) })
	l.t.Logf("equal roots after %.1f s", time.Since(began).Seconds())
	for _, n := range l.nodes { // lists come from an index, which follows
		eventually(l.t, limit, func() error { return n.holdsAll(want) })
	}
}

func (l *lab) agree(courses int) error {
	var first string
	for _, n := range l.nodes {
		var s struct {
			Courses   int
			Catalogue string `json:"catalogue_root"`
			Authority string `json:"authority_root"`
			Heads     string `json:"heads_root"`
		}
		if err := n.get("/v1/node", &s); err != nil {
			return err
		}
		roots := s.Catalogue + " " + s.Authority + " " + s.Heads
		if first == "" {
			first = roots
		}
		if s.Courses != courses || roots != first {
			return fmt.Errorf("node %d holds %d of %d courses, roots %s; node 1 has %s", n.number, s.Courses, courses, roots, first)
		}
	}
	return nil
}

// holdsAll reads the whole catalogue of a node, page by page.
func (n *labNode) holdsAll(want map[string]string) error {
	got := map[string]string{}
	var list struct {
		Items []struct {
			IRI   string
			Title map[string]string
		}
		Next string
	}
	for path := "/v1/courses?limit=100&fields=iri,title"; path != ""; {
		list.Next = ""
		if err := n.get(path, &list); err != nil {
			return err
		}
		for _, c := range list.Items {
			got[c.IRI] = c.Title["en"]
		}
		if _, path, _ = strings.Cut(list.Next, "/v1/"); path != "" {
			path = "/v1/" + path
		}
	}
	lost := 0
	for iri, title := range want {
		if got[iri] != title {
			lost++
		}
	}
	if lost > 0 || len(got) != len(want) {
		return fmt.Errorf("node %d lost %d acknowledged courses, and lists %d of %d", n.number, lost, len(got), len(want))
	}
	return nil
}
