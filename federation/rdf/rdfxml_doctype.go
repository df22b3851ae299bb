package rdf

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
)

// Limits of the entities of a document: real ones stand for namespaces.
const (
	maxEntities    = 64
	maxEntityBytes = 1 << 10
)

var (
	doctypeHead = regexp.MustCompile(`^DOCTYPE\s+[^\s\[\]<>"']+\s*`)
	entity      = regexp.MustCompile(`^<!ENTITY\s+([^\s%"'<>&;]+)\s+("[^"]*"|'[^']*')\s*>\s*`)
)

// doctype reads the entities of <!DOCTYPE name [ ... ]>. It fetches nothing: anything but literal internal entities is refused.
func (x *xmlDecoder) doctype(directive xml.Directive) bool {
	text := string(directive)
	head := doctypeHead.FindString(text)
	if head == "" || x.tokens.Entity != nil {
		return x.fail("<!%.40s is no declaration that can stand here", text)
	}
	entities, err := internalEntities(strings.TrimSpace(text[len(head):]))
	if err != nil {
		return x.fail("DOCTYPE: %v", err)
	}
	x.tokens.Entity = entities
	for _, value := range entities {
		x.in.entity = max(x.in.entity, len(value))
	}
	return true
}

func internalEntities(subset string) (map[string]string, error) {
	entities := map[string]string{}
	if subset == "" {
		return entities, nil
	}
	if subset[0] != '[' || subset[len(subset)-1] != ']' {
		return nil, fmt.Errorf("external definitions are not fetched: remove %.60q", subset)
	}
	rest := strings.TrimSpace(subset[1 : len(subset)-1])
	for n := 0; rest != ""; n++ {
		m := entity.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("only entities with a text are supported, not %.60q", rest)
		}
		if n == maxEntities {
			return nil, fmt.Errorf("more than %d entities", maxEntities)
		}
		rest = rest[len(m[0]):]
		if err := addEntity(entities, m[1], m[2][1:len(m[2])-1]); err != nil {
			return nil, err
		}
	}
	return entities, nil
}

// addEntity keeps the first declaration of a name, as XML 1.0 section 4.2 has it.
func addEntity(entities map[string]string, name, value string) error {
	switch {
	case !isNCName(name):
		return fmt.Errorf("the entity name %.100q is no XML name", name)
	case len(value) > maxEntityBytes:
		return fmt.Errorf("the entity %.100s has %d bytes, more than %d", name, len(value), maxEntityBytes)
	case strings.ContainsAny(value, "&%<"):
		return fmt.Errorf("the entity %.100s holds markup or another entity: write its text out", name)
	}
	if _, ok := entities[name]; !ok {
		entities[name] = value
	}
	return nil
}
