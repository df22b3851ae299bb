package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/profile"
)

// writeTrial tells what was found, what it maps to, and what should be mended.
func writeTrial(w io.Writer, t harvest.Trial) {
	if t.Manifest != "" {
		fmt.Fprintf(w, "manifest %s names %d sources for %s\n", t.Manifest, len(t.Sources), t.Provider)
	}
	for _, p := range t.Problems {
		writeProblem(w, "  mend", 0, p)
	}
	for _, s := range t.Sources {
		writeSourceTrial(w, s)
	}
	fmt.Fprintln(w, "nothing was stored")
}

func writeSourceTrial(w io.Writer, s harvest.SourceTrial) {
	fmt.Fprintf(w, "\nsource %s\n", s.Source)
	if s.Path != s.Source {
		fmt.Fprintf(w, "  path       %s\n", s.Path)
	}
	fmt.Fprintf(w, "  standard   %s%s\n", strings.TrimSpace(s.Standard+" "+s.Version), inBrackets(s.Detected))
	if len(s.Requests) > 0 {
		fmt.Fprintf(w, "  requests   %s; %d bytes in %.1f s\n", tally(s.Requests), s.Bytes, s.Seconds)
	}
	fmt.Fprintf(w, "  state      %s\n", map[string]string{
		"complete": "read to its end", "limited": "stopped at --limit; 0 reads everything", "incomplete": "not read to its end",
		"elsewhere": "its secrets are for other nodes; nothing was asked",
	}[s.State])
	if s.Problem != nil {
		writeProblem(w, "  failed", 0, *s.Problem)
	}
	if s.Courses > 0 {
		fmt.Fprintf(w, "  found      %d (%s), %d offerings\n", s.Courses, tally(s.Kinds), s.Offerings)
		fmt.Fprintf(w, "  languages  %s\n", cmp.Or(tally(s.Languages), "none stated"))
		fmt.Fprintf(w, "  providers  %s\n", tally(s.Providers))
		fmt.Fprintf(w, "  stated     %s\n", stated(s))
	}
	if s.Quality != nil {
		fmt.Fprint(w, "  ")
		writeScore(w, *s.Quality)
	}
	if s.Rejected+s.Deleted+s.Removed > 0 {
		fmt.Fprintf(w, "  left out   %d courses that cannot be used, %d deleted, %d persons and personal addresses\n", s.Rejected, s.Deleted, s.Removed)
	}
	for _, c := range s.Samples {
		writeSample(w, c)
	}
	for _, f := range s.Findings {
		writeProblem(w, "  "+f.Severity, f.Count, f.Problem)
	}
	if !slices.ContainsFunc(s.Findings, func(f harvest.Finding) bool { return f.Severity != profile.Info }) && s.State != "elsewhere" {
		fmt.Fprintln(w, "  nothing to mend in what was read")
	}
}

func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// tally writes the highest first.
func tally(m map[string]int) string {
	names := slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Or(m[b]-m[a], strings.Compare(a, b)) })
	for i, name := range names {
		names[i] = name + " " + strconv.Itoa(m[name])
	}
	return strings.Join(names, ", ")
}

func stated(s harvest.SourceTrial) string {
	var out []string
	for _, fact := range harvest.Facts() {
		out = append(out, fmt.Sprintf("%s %d%%", fact, 100*s.Stated[fact]/s.Courses))
	}
	return strings.Join(out, ", ")
}

func writeSample(w io.Writer, c harvest.Sample) {
	title := ""
	for _, tag := range slices.Sorted(maps.Keys(c.Title)) {
		title += fmt.Sprintf(" %s@%s", c.Title[tag], tag)
	}
	fmt.Fprintf(w, "  course    %s\n", title)
	facts := []string{strings.Join(c.Types, ", ")}
	if c.ECTS != nil {
		facts = append(facts, fmt.Sprintf("%g ECTS", *c.ECTS))
	}
	for _, level := range c.EQF {
		facts = append(facts, fmt.Sprintf("EQF %d", level))
	}
	facts = append(facts, strings.Join(c.Languages, ", "), strings.Join(c.ISCED, ", "), strings.Join(c.Modes, ", "))
	if c.Offerings > 0 {
		facts = append(facts, strings.TrimSpace(fmt.Sprintf("%d offerings %s", c.Offerings, c.Start)))
	}
	facts = slices.DeleteFunc(facts, func(s string) bool { return s == "" })
	if len(facts) > 0 {
		fmt.Fprintf(w, "             %s\n", strings.Join(facts, " | "))
	}
	fmt.Fprintf(w, "             %s\n", c.Subject)
}

// writeProblem shows the record, the place, what is wrong and the fix; n is how often, when more than once.
func writeProblem(w io.Writer, kind string, n int, p harvest.Problem) {
	times := ""
	if n > 1 {
		times = fmt.Sprintf(" (%d times, first here)", n)
	}
	fmt.Fprintf(w, "%s: %s%s\n", kind, strings.TrimSpace(p.Subject+" "+p.Where), times)
	value := ""
	if p.Value != "" {
		value = fmt.Sprintf(" (%q)", p.Value)
	}
	field := ""
	if p.Field != "" && !strings.Contains(p.Message, p.Field) {
		field = p.Field + ": "
	}
	fmt.Fprintf(w, "    %s%s%s\n    fix: %s\n", field, p.Message, value, p.Fix)
}
