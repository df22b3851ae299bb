package node_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/node"
	"github.com/google/go-cmp/cmp"
)

const somebody = "12D3KooWC1PDhtnNeFAbjdeQgtMSLMtwXxAudCr2RYtUAk3efB5C"

func load(t *testing.T, text string, environ ...string) (node.Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "coursemesh.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, _, err := node.Load(file, environ)
	return config, err
}

func TestTrustAndLimitsOfTheConfiguration(t *testing.T) {
	t.Parallel()
	config, err := load(t, `
trust:
  publishers:
    - {id: `+somebody+`, provider: "*.example", class: authoritative}
    - {id: `+somebody+`, provider: uni.example}
  alliances:
    - {domain: Alliance.Example, name: The Alliance, members: [Uni.Example, deqarinst0815]}
  authorities:
    - {domain: ministry.example, providers: ["*.land.example"]}
block:
  - {what: provider, value: mill.example, reason: sells degrees}
limits:
  publisher_records: 5
  publishers: [{id: `+somebody+`, records: 1000}]
`, "COURSEMESH_LIMITS_UNVERIFIED_RECORDS=7")
	if err != nil {
		t.Fatal(err)
	}
	want := node.TrustConfig{
		Publishers: []authority.Trust{
			{ID: somebody, Provider: "*.example", Class: federation.Authoritative}, {ID: somebody, Provider: "uni.example", Class: federation.Member},
		},
		Alliances:   []federation.Alliance{{Domain: "alliance.example", Name: "The Alliance", Members: []string{"uni.example", "deqarinst0815"}}},
		Authorities: []authority.Steward{{Domain: "ministry.example", Providers: []string{"*.land.example"}}},
	}
	if diff := cmp.Diff(want, config.Trust); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]catalogue.Block{{What: "provider", Value: "mill.example", Reason: "sells degrees"}}, config.Block); diff != "" {
		t.Error(diff)
	}
	if l := config.Limits; l.PublisherRecords != 5 || l.PublisherBytes != 1<<30 || l.UnverifiedRecords != 7 || len(l.Publishers) != 1 {
		t.Errorf("%+v", l)
	}
}

func TestConfigurationThatCannotWorkNamesTheKey(t *testing.T) {
	t.Parallel()
	for text, key := range map[string]string{
		"trust: {publishers: [{id: nobody, provider: x.example}]}":                             "trust.publishers[0]: id:",
		"trust: {publishers: [{id: " + somebody + ", provider: '['}]}":                         "trust.publishers[0]: provider:",
		"trust: {publishers: [{id: " + somebody + ", provider: x.example, class: delegated}]}": "trust.publishers[0]: class:",
		"trust: {alliances: [{domain: alliance.example}]}":                                     "trust.alliances[0]: members:",
		"trust: {alliances: [{domain: localhost, members: [a.example]}]}":                      "trust.alliances[0]: domain:",
		"trust: {alliances: [{domain: alliance.example, members: [a.example, nonsense]}]}":     "trust.alliances[0]: members[1]:",
		"trust: {authorities: [{domain: ministry.example}]}":                                   "trust.authorities[0]: providers:",
		"trust: {authorities: [{domain: ministry.example, providers: ['[']}]}":                 "trust.authorities[0]: providers[0]:",
		"block: [{what: course, value: 'urn:x'}]":                                              "block[0]: reason:",
		"block: [{what: planet, value: mars, reason: far}]":                                    "block[0]: what:",
		"limits: {publisher_records: 0}":                                                       "limits.publisher_records",
		"limits: {streams: 0}":                                                                 "limits.streams",
		"limits: {requests_per_minute: -1}":                                                    "limits.requests_per_minute",
		"limits: {publishers: [{id: nobody}]}":                                                 "limits.publishers[0]",
	} {
		if _, err := load(t, text); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v, which does not name %s", text, err, key)
		}
	}
}
