//go:build linux

package validate_test

import (
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

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
		frugal(t, name, func() { report, err = v.Text(t.Context(), strings.NewReader(k.body), k.media, "") })
		if err != nil || report.Conforms || report.Total != 1 || report.Findings[0].Kind != profile.KindDocument {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
}

// frugal fails a test when f takes more than a second of its own thread's processor time or makes the process
// 64 MiB larger (row 13). Neither a busy machine nor other tests lengthen the time; tests that use it run alone.
func frugal(t *testing.T, what string, f func()) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := used()
	f()
	took := used() - start
	runtime.ReadMemStats(&after)
	grown := int64(after.Sys) - int64(before.Sys)
	t.Logf("%-20s %v, %d MiB more", what, took, grown>>20)
	if took > time.Second {
		t.Errorf("%s: %v of processor time", what, took)
	}
	if grown > 64<<20 {
		t.Errorf("%s: %d MiB", what, grown>>20)
	}
}
