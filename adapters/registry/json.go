package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/coursemesh/coursemesh/federation"
	"go.yaml.in/yaml/v3"
)

// readJSON tells the forms apart by the keys at the top.
func (l *List) readJSON(body []byte) error {
	d := json.NewDecoder(bytes.NewReader(body))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		switch key {
		case "results":
			l.Format = "DEQAR"
			err = each(d, l.deqar)
		case "data":
			l.Format = "EUF"
			err = each(d, l.euf)
		case "next":
			var more any // a boolean here, not an address
			err = d.Decode(&more)
			l.More = more == true
		case "providers", "alliances":
			return l.snapshotJSON(body)
		default:
			err = d.Decode(new(json.RawMessage))
		}
		if err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil { // the end of the object
		return err
	}
	if l.Format == "" {
		return ErrFormat
	}
	return nil
}

// each decodes the items of a list one by one; a single object counts as a list of it.
func each(d *json.Decoder, take func(json.RawMessage) error) error {
	var first json.RawMessage
	if !d.More() {
		return nil
	}
	token, err := d.Token()
	switch {
	case err != nil:
		return err
	case token == nil:
		return nil
	case token == json.Delim('{'):
		if first, err = rest(d); err != nil {
			return err
		}
		return take(first)
	case token != json.Delim('['):
		return fmt.Errorf("a list was expected, not %v", token)
	}
	for d.More() {
		var item json.RawMessage
		if err := d.Decode(&item); err != nil {
			return err
		}
		if err := take(item); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// rest reads the remainder of an object whose brace was taken.
func rest(d *json.Decoder) (json.RawMessage, error) {
	object := map[string]json.RawMessage{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		object[fmt.Sprint(key)] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	return json.Marshal(object)
}

// readYAML reads a snapshot; aliases and unknown keys are refused.
func (l *List) readYAML(body []byte) error {
	var root yaml.Node
	if err := yaml.Unmarshal(body, &root); err != nil {
		return errors.Join(ErrFormat, err)
	}
	if aliased(&root) {
		return errors.New("YAML aliases are not allowed; write the value out")
	}
	d := yaml.NewDecoder(bytes.NewReader(body))
	d.KnownFields(true)
	var s Snapshot
	if err := d.Decode(&s); err != nil {
		return errors.Join(ErrFormat, err)
	}
	return l.snapshot(s)
}

func (l *List) snapshotJSON(body []byte) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	var s Snapshot
	if err := d.Decode(&s); err != nil {
		return err
	}
	return l.snapshot(s)
}

func (l *List) snapshot(s Snapshot) error {
	l.Format = "snapshot"
	for i, p := range s.Providers {
		if err := l.snapshotProvider(fmt.Sprintf("providers[%d]", i), p); err != nil {
			return err
		}
	}
	for i, a := range s.Alliances {
		if err := l.snapshotAlliance(fmt.Sprintf("alliances[%d]", i), a); err != nil {
			return err
		}
	}
	return nil
}

func aliased(n *yaml.Node) bool {
	for _, child := range n.Content {
		if aliased(child) {
			return true
		}
	}
	return n.Kind == yaml.AliasNode || n.Anchor != ""
}

func (l *List) snapshotProvider(where string, p federation.Provider) error {
	e := entry{where: where, id: provider(p.ID), name: p.Name, country: p.Country, website: p.Website, others: p.Aliases}
	if !federation.ValidProvider(e.id) {
		l.problem(where, fmt.Sprintf("id %q is neither a domain nor deqarinst and digits", p.ID))
		return nil
	}
	return l.add(e)
}

func (l *List) snapshotAlliance(where string, a federation.Alliance) error {
	domain, err := federation.NormaliseDomain(a.Domain)
	if err != nil {
		l.problem(where, err.Error())
		return nil
	}
	e := entry{where: where, id: domain, name: a.Name, website: a.Website, others: a.Aliases, alliance: true}
	for _, member := range a.Members {
		e.members = append(e.members, provider(member))
	}
	return l.add(e)
}

// provider is an id in its one spelling.
func provider(id string) string {
	if domain, err := federation.NormaliseDomain(id); err == nil {
		return domain
	}
	return strings.ToLower(strings.TrimSpace(id))
}
