package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFollowerOverHTTP: a node that listens for no peer follows another by web requests alone, takes the sets
// of the chosen publishers only, and says that its catalogue is partial.
func TestFollowerOverHTTP(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "courses.ttl")
	if err := os.WriteFile(file, []byte(oddCourse("one")), 0o600); err != nil {
		t.Fatal(err)
	}
	leader := startServe(t, filepath.Join(dir, "leader"))
	leaderDir := []string{"--data-dir", filepath.Join(dir, "leader")}
	for _, call := range [][]string{
		{"publisher", "trust", leader.ready.Publisher, "--provider", "odd.example"},
		{"harvest", file, "--provider", "odd.example", "--quiet"},
	} {
		if said, code := coursemesh(t, append(call, leaderDir...)...); code != 0 {
			t.Fatalf("%v: exit %d: %s", call, code, said)
		}
	}
	for country, want := range map[string]int{"AT": 1, "FR": 0} {
		follower := startFollower(t, filepath.Join(dir, country), leader, country)
		status := func() (s struct {
			Courses       int
			Partial       bool
			CatalogueRoot *string `json:"catalogue_root"`
		}, err error,
		) {
			resp, err := http.Get(follower.ready.HTTP + "/v1/node")
			if err != nil {
				return s, err
			}
			defer resp.Body.Close()
			return s, json.NewDecoder(resp.Body).Decode(&s)
		}
		eventually(t, 20e9, func() error {
			s, err := status()
			if err == nil && (s.Courses != want || !s.Partial || s.CatalogueRoot != nil) {
				err = fmt.Errorf("%s: %+v", country, s)
			}
			return err
		})
		page := string(fetch(t, follower.ready.HTTP+"/"))
		if !strings.Contains(page, "catalogue is partial") {
			t.Errorf("%s: the page does not say that the catalogue is partial", country)
		}
		own := []string{"--data-dir", filepath.Join(dir, country)}
		if said, code := coursemesh(t, append(own, "status")...); code != 0 || !strings.Contains(said, "the catalogue is partial") {
			t.Errorf("%s: exit %d, status does not say that the catalogue is partial: %s", country, code, said)
		}
		dumped := filepath.Join(dir, country+" dump")
		if said, code := coursemesh(t, append(own, "dump", dumped, "--json")...); code != 0 || !strings.Contains(said, `"partial":true`) {
			t.Errorf("%s: exit %d, the dump does not say that it is partial: %s", country, code, said)
		}
		if said, code := coursemesh(t, "verify", dumped, "--json"); code != 0 {
			t.Errorf("%s: exit %d, verify of its dump: %s", country, code, said)
		}
	}
	resp, err := http.Post(leader.ready.HTTP+"/v1/sync/heads", "", bytes.NewReader([]byte("nonsense")))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if said, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("nonsense: %d %s", resp.StatusCode, said)
	}
}

func startFollower(t *testing.T, dir string, leader *served, country string) *served {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf(`replicate: {from: %q, countries: [%s]}
registry: {providers: [{id: odd.example, country: AT}]}
trust: {publishers: [{id: %s, provider: odd.example}]}
fetch: {allow_cidrs: [127.0.0.0/8], resolver: "127.0.0.1:9"}
`, leader.ready.HTTP, country, leader.ready.Publisher)
	if err := os.WriteFile(filepath.Join(dir, "coursemesh.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return startServe(t, dir)
}
