package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/node/demo"
)

// running is a demo of real processes.
type running struct {
	demo.Result
	t *testing.T
}

// startDemo runs `coursemesh demo --json` until the test ends.
func startDemo(t *testing.T) *running {
	t.Helper()
	cmd := exec.Command("coursemesh", "demo", "--json", "--quiet", "--dir", t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("the demo ended early: %v\n%s", err, said.String())
	}
	r := &running{t: t}
	if err := json.Unmarshal(line, &r.Result); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *running) institution(domain string) demo.InstitutionResult {
	r.t.Helper()
	for _, i := range r.Institutions {
		if i.Domain == domain {
			return i
		}
	}
	r.t.Fatalf("no institution %s", domain)
	panic("unreachable")
}

// command runs the program with a node's directory and returns what it printed and its exit code.
func (r *running) command(node int, args ...string) (string, int) {
	r.t.Helper()
	dir := r.Nodes[node].DataDir
	return coursemesh(r.t, append(args, "--data-dir", dir, "--config", filepath.Join(dir, "coursemesh.yaml"))...)
}

func coursemesh(t *testing.T, args ...string) (string, int) {
	t.Helper()
	cmd := exec.Command("coursemesh", args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if stderr.Len() > 0 {
		t.Logf("coursemesh %s: %s", strings.Join(args, " "), stderr.String())
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// fetch reads a node's public side.
func fetch(t *testing.T, address string) []byte {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v: %s", address, resp.StatusCode, err, body)
	}
	return body
}

type list struct {
	Total int
	Items []struct {
		ID, IRI, Record, Publisher, Class string
		Title                             map[string]string
	}
}

func courses(t *testing.T, http, query string) (l list) {
	t.Helper()
	if err := json.Unmarshal(fetch(t, http+"/v1/courses?"+query), &l); err != nil {
		t.Fatal(err)
	}
	return l
}

// eventually repeats a look until it finds nothing to complain about.
func eventually(t *testing.T, limit time.Duration, look func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		err := look()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("after %s: %v", limit, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// status of a node, or an error while it does not answer.
func status(address string) (n demo.NodeResult, err error) {
	resp, err := http.Get(address + "/v1/node")
	if err != nil {
		return n, err
	}
	defer resp.Body.Close()
	return n, json.NewDecoder(resp.Body).Decode(&n)
}

// TestFederation is the main job with real processes: three nodes agree; one is killed; courses change and
// are withdrawn; the killed node comes back and all agree again.
func TestFederation(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	for _, n := range r.Nodes {
		if n.Courses != 98 || n.CatalogueRoot != r.Nodes[0].CatalogueRoot {
			t.Fatalf("%s holds %d courses under %s", n.Name, n.Courses, n.CatalogueRoot)
		}
		eventually(t, 10*time.Second, func() error { return allDelegated(t, n.HTTP) })
	}
	r.checkRecords()
	r.checkDiscovery()
	r.checkAlliance()
	r.checkInstitutions()
	withdrawn, changed := r.changeWhileDown(1)
	back := r.restart(1)
	r.Nodes[1].HTTP = back
	eventually(t, 30*time.Second, func() error { return r.agree(97) })
	for _, n := range r.Nodes {
		eventually(t, 10*time.Second, func() error {
			if l := courses(t, n.HTTP, "id="+withdrawn); l.Total != 0 {
				return fmt.Errorf("%s still has the withdrawn course", n.Name)
			}
			l := courses(t, n.HTTP, "id="+changed)
			if l.Total != 1 || l.Items[0].Title["en-gb"] != "Changed by the test" {
				return fmt.Errorf("%s has %+v in place of the changed course", n.Name, l.Items)
			}
			return nil
		})
	}
}

func allDelegated(t *testing.T, address string) error {
	l := courses(t, address, "limit=100")
	if l.Total != 98 {
		return fmt.Errorf("%s lists %d courses", address, l.Total)
	}
	for _, c := range l.Items {
		if c.Class != "delegated" {
			return fmt.Errorf("%s counts as %q", c.IRI, c.Class)
		}
	}
	return nil
}

func (r *running) agree(count int) error {
	var roots []string
	for _, n := range r.Nodes {
		now, err := status(n.HTTP)
		if err != nil {
			return err
		}
		if now.Courses != count {
			return fmt.Errorf("%s holds %d courses", n.Name, now.Courses)
		}
		roots = append(roots, now.CatalogueRoot)
	}
	if roots[0] != roots[1] || roots[1] != roots[2] {
		return fmt.Errorf("roots differ: %v", roots)
	}
	return nil
}

// checkRecords takes a record from every node and verifies it offline, whole and damaged.
func (r *running) checkRecords() {
	t := r.t
	file := filepath.Join(t.TempDir(), "record")
	for _, n := range r.Nodes {
		c := courses(t, n.HTTP, "limit=1&sort=title").Items[0]
		envelope := fetch(t, n.HTTP+"/v1/courses/"+url.PathEscape(c.IRI)+"/record")
		check := func(what string, data []byte, want int) {
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, code := coursemesh(t, "verify", "--json", file); code != want {
				t.Errorf("verify of %s: exit %d, want %d: %s", what, code, want, out)
			}
		}
		check("a record", envelope, 0)
		for _, at := range []int{0, 5, 40, 60, len(envelope) / 2, len(envelope) - 70, len(envelope) - 1} {
			damaged := bytes.Clone(envelope)
			damaged[at] ^= 1
			check(fmt.Sprintf("a record with byte %d changed", at), damaged, 1)
		}
		inclusion := fetch(t, n.HTTP+"/v1/courses/"+url.PathEscape(c.IRI)+"/proof")
		check("an inclusion", inclusion, 0)
		for at := 0; at < len(inclusion); at += 1 + len(inclusion)/12 {
			damaged := bytes.Clone(inclusion)
			damaged[at] ^= 1
			check(fmt.Sprintf("an inclusion with byte %d changed", at), damaged, 1)
		}
		check("an inclusion with a byte more", append(bytes.Clone(inclusion), 'a'), 1)
		check("an inclusion cut short", inclusion[:len(inclusion)-len(envelope)/2], 1)
		check("a record with an unknown protobuf field", append(bytes.Clone(envelope), 0x7a, 0x01, 0x00), 1)
		if raw := fetch(t, n.HTTP+"/ipfs/"+c.Record+"?format=raw"); !bytes.Equal(raw, envelope) {
			t.Errorf("%s: the gateway serves other bytes than /record", n.Name)
		}
	}
}

// checkDiscovery: the institution with the broken manifest shows why it has no courses.
func (r *running) checkDiscovery() {
	out, code := r.command(1, "discover", "rochebrise.example", "--json")
	var found struct {
		Probes []struct{ Outcome, Reason string }
	}
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		r.t.Fatal(err)
	}
	parsed := false
	for _, p := range found.Probes {
		parsed = parsed || (p.Outcome == "not_parsable" && p.Reason != "")
	}
	if code != 3 || !parsed {
		r.t.Errorf("discover of a broken manifest: exit %d, %s", code, out)
	}
}

// checkInstitutions: every standard and every kind of access is there, closed doors are closed to others, and
// what is to be mended is said in the source's own terms.
func (r *running) checkInstitutions() {
	t := r.t
	seen := map[string]bool{}
	for _, i := range r.Institutions {
		seen[i.Standard+" "+i.Version], seen[i.Access] = true, true
	}
	for _, want := range []string{"elm 3.2", "ooapi 5", "ooapi 6", "edu-api 1.0", "occapi 2", "none", "httpheader", "oauth2.0", "httpsig"} {
		if !seen[want] {
			t.Errorf("no institution with %s", want)
		}
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // whoever it is, the door is tried
	for domain, path := range map[string]string{
		"brzezina.example":   "/eduapi/v1p0/courseTemplates",
		"sanvalerio.example": "/occapi/v2/hei/sanvalerio.example",
		"montagut.example":   "/cataleg/assignatures.rdf",
	} {
		resp, err := client.Get(r.institution(domain).URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s lets everybody in: status %d", domain, resp.StatusCode)
		}
	}
	q := r.institution("brzezina.example").Quality
	if q == nil || q.Courses != 8 || q.Rejected != 1 || q.Completeness <= 0 || q.Completeness >= 100 || len(q.Missing) == 0 {
		t.Fatalf("quality: %+v", q)
	}
	mended := slices.ContainsFunc(q.Findings, func(f harvest.Finding) bool {
		return f.Field == "creditsAwarded" && f.Count == 2 && strings.Contains(f.Fix, "5 ECTS") && strings.Contains(f.Where, "courseTemplates")
	})
	if !mended || r.institution("rochebrise.example").Quality != nil {
		t.Errorf("findings: %+v", q.Findings)
	}
}

// checkAlliance: every node shows what the alliance says of members that say nothing themselves, as the alliance's
// word, and nothing of what it says of the member that speaks for itself.
func (r *running) checkAlliance() {
	const domain = "ponte-alliance.example"
	for _, n := range r.Nodes {
		eventually(r.t, 10*time.Second, func() error {
			var found struct {
				Total int
				Items []struct {
					Provider, Class string
					AssertedBy      *string `json:"asserted_by"`
				}
			}
			if err := json.Unmarshal(fetch(r.t, n.HTTP+"/v1/courses?limit=100&alliance="+domain), &found); err != nil {
				return err
			}
			asserted := map[string]int{}
			for _, c := range found.Items {
				if c.AssertedBy != nil && *c.AssertedBy == domain {
					asserted[c.Provider]++
				}
			}
			if found.Total != 6+15 || len(asserted) != 3 || asserted["havnsund.example"] != 2 {
				return fmt.Errorf("%s shows %d courses of the alliance, asserted are %v", n.Name, found.Total, asserted)
			}
			return nil
		})
		var valmares struct {
			Publishers []struct {
				Domain, Why string
				Effective   bool
			}
		}
		if err := json.Unmarshal(fetch(r.t, n.HTTP+"/v1/providers/valmares.example"), &valmares); err != nil {
			r.t.Fatal(err)
		}
		if p := valmares.Publishers; len(p) != 2 || !p[0].Effective || p[1].Domain != domain || p[1].Effective || !strings.Contains(p[1].Why, "ranks before it") {
			r.t.Errorf("%s: who counts for the member that speaks for itself: %+v", n.Name, p)
		}
	}
}

// changeWhileDown kills a node, changes one course and removes another at an institution of node 1, and
// harvests it there. It returns the IRIs of both courses.
func (r *running) changeWhileDown(victim int) (withdrawn, changed string) {
	t := r.t
	if err := syscall.Kill(r.Nodes[victim].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(r.institution("oosterveen.example").Dir, "ooapi", "v5", "courses.json")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var items []map[string]any
	if err := json.Unmarshal(data, &items); err != nil {
		t.Fatal(err)
	}
	id := func(i int) string {
		return "urn:schac:uniqueCourseId:oosterveen.example:" + items[i]["courseId"].(string)
	}
	withdrawn, changed = id(0), id(1)
	items[1]["name"] = []any{map[string]any{"language": "en-GB", "value": "Changed by the test"}}
	if data, err = json.Marshal(items[1:]); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, code := r.command(0, "harvest", "oosterveen.example", "--json")
	var report struct{ New, Changed, Withdrawn, Rejected int }
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if code != 8 || report.New != 0 || report.Changed != 1 || report.Withdrawn != 1 || report.Rejected != 1 {
		t.Fatalf("harvest: exit %d, %s", code, out)
	}
	return withdrawn, changed
}

// restart starts a killed node again and returns its address.
func (r *running) restart(node int) string {
	t := r.t
	dir := r.Nodes[node].DataDir
	cmd := exec.Command("coursemesh", "serve", "--json", "--quiet", "--data-dir", dir, "--config", filepath.Join(dir, "coursemesh.yaml"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	var ready struct {
		Ready bool
		HTTP  string
	}
	if err := json.NewDecoder(out).Decode(&ready); err != nil || !ready.Ready {
		t.Fatalf("the node does not come back: %v", err)
	}
	return ready.HTTP
}
