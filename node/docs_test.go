package node_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)\s]*)?\)`)
	heading = regexp.MustCompile(`^# (\d+)[.:] `)
)

// TestDecisionsAreNumberedOnce: a decision is cited by its number, so a number means one of them.
func TestDecisionsAreNumberedOnce(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../docs/decisions/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	seen := map[int]string{}
	for _, file := range files {
		name := filepath.Base(file)
		number, err := strconv.Atoi(name[:4])
		if err != nil {
			t.Errorf("%s does not begin with a number of four digits", name)
			continue
		}
		if other, taken := seen[number]; taken {
			t.Errorf("%s and %s have one number", other, name)
		}
		seen[number] = name
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if first := heading.FindStringSubmatch(string(text)); first == nil {
			t.Errorf("%s has no heading with its number", name)
		} else if n, err := strconv.Atoi(first[1]); err != nil || n != number {
			t.Errorf("%s calls itself %s", name, first[1])
		}
	}
}

// TestLinksOfDocumentsLead: what a document of the project points at in the project is there.
func TestLinksOfDocumentsLead(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"../*.md", "../docs/*.md", "../docs/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	links := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(found[1], ":") {
				continue
			}
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), found[1])); err != nil {
				t.Errorf("%s links to %s: %v", file, found[1], err)
			}
		}
	}
	if links == 0 {
		t.Error("no link was found")
	}
}
