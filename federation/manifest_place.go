package federation

import (
	"bytes"
	"strconv"
	"strings"
)

// manifestPlace is where a value stands, from the root. It is written out only when something is said of it: a
// document may hold half a million values below one long name.
type manifestPlace struct {
	above *manifestPlace // nil: the root
	name  string         // of an object's member
	index int            // of a list's item, -1 of a member
	depth int
}

func (p *manifestPlace) member(name string) *manifestPlace {
	return &manifestPlace{p, name, -1, p.depth + 1}
}

func (p *manifestPlace) item(i int) *manifestPlace { return &manifestPlace{p, "", i, p.depth + 1} }

// String is a JSON pointer, its names cut short where they are too long to be a manifest's.
func (p *manifestPlace) String() string {
	switch {
	case p.above == nil:
		return ""
	case p.index >= 0:
		return p.above.String() + "/" + strconv.Itoa(p.index)
	}
	name := p.name
	if len(name) > manifestName {
		name = clip(name)
	}
	return pointer(p.above.String(), name)
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// pointer appends a key to a JSON pointer (RFC 6901).
func pointer(where, key string) string { return where + "/" + pointerEscapes.Replace(key) }

// Bounds of manifestLines: findings are about places less deep, and a manifest names fewer of them.
const (
	linedDepth = 6
	linedText  = 4 << 20 // bytes of the pointers
)

// manifestLines remembers on which line a place stands. nil remembers nothing.
type manifestLines struct {
	of   map[string]int // by JSON pointer
	held int
}

func (l *manifestLines) note(at *manifestPlace, line int) {
	if l == nil || at.depth > linedDepth || l.held > linedText {
		return
	}
	where := at.String()
	l.of[where] = line
	l.held += len(where) + 48 // and the entry
}

// find is the line of a place, else that of what it would stand in; 0: unknown.
func (l *manifestLines) find(where string) int {
	if l == nil {
		return 0
	}
	for {
		if line, ok := l.of[where]; ok || where == "" {
			return line
		}
		where = where[:strings.LastIndexByte(where, '/')]
	}
}

// lineOf is the line of a byte, from 1.
func lineOf(body []byte, at int) int { return 1 + bytes.Count(body[:min(at, len(body))], []byte("\n")) }
