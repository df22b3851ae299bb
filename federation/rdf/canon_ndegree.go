package rdf

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// issuer hands out labels in sequence (section 4.5). It is small enough to be copied per branch.
type issuer struct {
	prefix string
	ids    []int32 // of each blank node, -1 for none
	order  []int32 // nodes in the order of issue
}

func newIssuer(prefix string, nodes int) (s issuer) {
	s.reset(prefix, nodes)
	return s
}

// reset forgets every label, keeping the space.
func (s *issuer) reset(prefix string, nodes int) {
	s.prefix, s.order, s.ids = prefix, s.order[:0], sized(s.ids, nodes)
	for i := range s.ids {
		s.ids[i] = -1
	}
}

func (s *issuer) has(n int32) bool { return s.ids[n] >= 0 }

func (s *issuer) issue(n int32) {
	if !s.has(n) {
		s.ids[n] = int32(len(s.order))
		s.order = append(s.order, n)
	}
}

func (s *issuer) append(b []byte, n int32) []byte {
	b = append(b, s.prefix...)
	return strconv.AppendInt(b, int64(s.ids[n]), 10)
}

func (s issuer) clone() issuer {
	s.ids, s.order = slices.Clone(s.ids), slices.Clone(s.order)
	return s
}

// path is a result of Hash N-Degree Quads.
type path struct {
	hash   digest
	issuer issuer
}

// labelGroup labels the nodes that share a hash of the first degree (section 4.4.3, step 5).
func (c *canon) labelGroup(group []int32) error {
	var paths []path
	for _, n := range group {
		if c.issued.has(n) {
			continue
		}
		temporary := newIssuer("_:b", len(c.labels))
		temporary.issue(n)
		p, err := c.nDegree(n, temporary)
		if err != nil {
			return err
		}
		paths = append(paths, p)
	}
	slices.SortStableFunc(paths, func(a, b path) int { return a.hash.compare(b.hash) })
	for _, p := range paths {
		for _, n := range p.issuer.order {
			c.issued.issue(n)
		}
	}
	return nil
}

// nDegree is Hash N-Degree Quads (section 4.8).
func (c *canon) nDegree(n int32, ids issuer) (path, error) {
	c.executions++
	if c.executions > c.budget {
		return path{}, ErrBudget
	}
	groups := c.related(n, &ids)
	data := make([]byte, 0, len(groups)*(2*c.hash.Size()+16))
	for _, group := range groups {
		data = c.appendHex(data, group.hash)
		chosen, after, err := c.shortest(group.nodes, ids)
		if err != nil {
			return path{}, err
		}
		data = append(data, chosen...)
		ids = after
	}
	c.hash.Reset()
	c.hash.Write(data)
	return path{hash: c.digest(), issuer: ids}, nil
}

// relatedGroup are the neighbours of a node that share a hash.
type relatedGroup struct {
	hash  digest
	nodes []int32
}

// neighbour is a blank node in a quad of another, with its Hash Related Blank Node.
type neighbour struct {
	hash digest
	node int32
}

// related finds the neighbours of a node, grouped by hash, in the order of the hashes; those of one
// group are in label order.
func (c *canon) related(n int32, ids *issuer) []relatedGroup {
	all := c.around[:0]
	for _, i := range c.uses[n] {
		q := &c.quads[i]
		for at, other := range q.blank {
			if other >= 0 && other != n {
				all = append(all, neighbour{c.relatedHash(q, at, other, ids), other})
			}
		}
	}
	c.around = all
	slices.SortFunc(all, func(a, b neighbour) int {
		if d := a.hash.compare(b.hash); d != 0 {
			return d
		}
		return strings.Compare(c.labels[a.node], c.labels[b.node])
	})
	nodes := make([]int32, len(all))
	groups := make([]relatedGroup, 0, len(all))
	for i, x := range all {
		nodes[i] = x.node
		if i == 0 || x.hash != all[i-1].hash {
			groups = append(groups, relatedGroup{hash: x.hash, nodes: nodes[i:i]})
		}
		g := &groups[len(groups)-1]
		g.nodes = g.nodes[:len(g.nodes)+1]
	}
	return groups
}

// relatedHash is Hash Related Blank Node (section 4.7).
func (c *canon) relatedHash(q *canonQuad, at int, other int32, ids *issuer) digest {
	b := append(c.line[:0], placeMark[at])
	if at != atGraph {
		b = append(b, q.text[atPredicate].of(c.arena)...)
	}
	if c.issued.has(other) || ids.has(other) {
		b = c.appendIssued(b, other, ids)
	} else {
		b = c.appendHex(b, c.first[other])
	}
	c.line = b
	c.hash.Reset()
	c.hash.Write(b)
	return c.digest()
}

// shortest tries the orders of a group, in label order, and keeps the least path (section 4.8.3, step 5.4).
func (c *canon) shortest(group []int32, ids issuer) ([]byte, issuer, error) {
	if c.allIssued(group, &ids) {
		return c.leastOrder(group, &ids), ids, nil
	}
	var chosen []byte
	var after issuer
	order := make([]int, len(group))
	for i := range order {
		order[i] = i
	}
	for more := true; more; more = nextOrder(order) {
		b, branch, err := c.try(group, order, ids, chosen)
		if err != nil {
			return nil, issuer{}, err
		}
		if b != nil && (chosen == nil || bytes.Compare(b, chosen) < 0) {
			chosen, after = b, branch
		}
	}
	return chosen, after, nil
}

// try follows one order; a nil path means that it cannot be the least.
func (c *canon) try(group []int32, order []int, ids issuer, chosen []byte) ([]byte, issuer, error) {
	ids = ids.clone()
	var b []byte
	var recurse []int32
	for _, i := range order {
		n := group[i]
		if !c.issued.has(n) && !ids.has(n) {
			recurse = append(recurse, n)
			ids.issue(n)
		}
		b = c.appendIssued(b, n, &ids)
		if hopeless(b, chosen) {
			return nil, issuer{}, nil
		}
	}
	for _, n := range recurse {
		p, err := c.nDegree(n, ids)
		if err != nil {
			return nil, issuer{}, err
		}
		b = ids.append(b, n)
		b = append(c.appendHex(append(b, '<'), p.hash), '>')
		ids = p.issuer
		if hopeless(b, chosen) {
			return nil, issuer{}, nil
		}
	}
	return b, ids, nil
}

func hopeless(b, chosen []byte) bool {
	return chosen != nil && len(b) >= len(chosen) && bytes.Compare(b, chosen) > 0
}

func (c *canon) allIssued(group []int32, ids *issuer) bool {
	return !slices.ContainsFunc(group, func(n int32) bool { return !c.issued.has(n) && !ids.has(n) })
}

// leastOrder is the outcome of trying all orders of nodes that have labels: the least
// concatenation. A group of eleven would have 39 million orders.
func (c *canon) leastOrder(group []int32, ids *issuer) []byte {
	if len(group) == 1 {
		return c.appendIssued(nil, group[0], ids)
	}
	labels := make([]string, len(group))
	for i, n := range group {
		labels[i] = string(c.appendIssued(nil, n, ids))
	}
	slices.SortFunc(labels, func(a, b string) int { return strings.Compare(a+b, b+a) })
	return []byte(strings.Join(labels, ""))
}

// appendIssued appends the canonical label of a node, else its temporary one.
func (c *canon) appendIssued(b []byte, n int32, ids *issuer) []byte {
	if c.issued.has(n) {
		return c.issued.append(b, n)
	}
	return ids.append(b, n)
}

// nextOrder steps to the lexicographically next permutation; false after the last.
func nextOrder(order []int) bool {
	i := len(order) - 2
	for i >= 0 && order[i] >= order[i+1] {
		i--
	}
	if i < 0 {
		return false
	}
	j := len(order) - 1
	for order[j] <= order[i] {
		j--
	}
	order[i], order[j] = order[j], order[i]
	slices.Reverse(order[i+1:])
	return true
}
