package validate_test

import (
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation/frugal"
	"github.com/coursemesh/coursemesh/federation/profile"
)

// TestThreat13HostileDocuments: what is made to be dear to read is a finding, soon.
func TestThreat13HostileDocuments(t *testing.T) {
	v := validator(t)
	for name, k := range map[string]struct{ body, media string }{
		"deep Turtle":        {"<urn:s> <urn:p> " + strings.Repeat("[ <urn:p> ", 200_000), "text/turtle"},
		"deep list":          {"<urn:s> <urn:p> " + strings.Repeat("( ", 200_000), "text/turtle"},
		"deep JSON":          {`{"@id":` + strings.Repeat(`[`, 200_000), "application/ld+json"},
		"remote context":     {`{"@context":"https://canary.example/context","@id":"urn:c"}`, "application/ld+json"},
		"deep XML":           {strings.Repeat("<a xmlns='urn:a'>", 100_000), "application/rdf+xml"},
		"XML entities":       {`<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><r>&b;</r>`, "application/rdf+xml"},
		"XML file":           {`<?xml version="1.0"?><!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>`, "application/rdf+xml"},
		"base after base":    {strings.Repeat("@base <urn:a/> .\n", 100_000), "text/turtle"},
		"another's imports":  {"<urn:o> a <http://www.w3.org/2002/07/owl#Ontology> ; <http://www.w3.org/2002/07/owl#imports> <https://canary.example/> .", "text/turtle"},
		"one endless string": {`<urn:s> <urn:p> "` + strings.Repeat("x", 4<<20), "text/turtle"},
	} {
		var report profile.Report
		var err error
		frugal.Hostile(t, name, func() { report, err = v.Text(t.Context(), strings.NewReader(k.body), k.media, "") })
		if err != nil || report.Conforms || report.Total != 1 || report.Findings[0].Kind != profile.KindDocument {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
}
