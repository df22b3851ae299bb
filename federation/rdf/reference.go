package rdf

import (
	"bytes"
	"fmt"
)

// reference is an IRI reference cut into the components of RFC 3986 section 3. Components keep
// their bytes; net/url would decode and normalise them.
type reference struct {
	scheme, authority, path, query, fragment   []byte
	hasScheme, hasAuthority, hasQuery, hasFrag bool
}

func parseReference(b []byte) (r reference) {
	b, r.fragment, r.hasFrag = bytes.Cut(b, []byte{'#'})
	b, r.query, r.hasQuery = bytes.Cut(b, []byte{'?'})
	if hasScheme(b) {
		r.scheme, b, r.hasScheme = bytes.Cut(b, []byte{':'})
	}
	if bytes.HasPrefix(b, []byte("//")) {
		r.hasAuthority = true
		b = b[2:]
		end := bytes.IndexByte(b, '/')
		if end < 0 {
			end = len(b)
		}
		r.authority, b = b[:end], b[end:]
	}
	r.path = b
	return r
}

// resolve makes a reference absolute (RFC 3986 section 5.2). An absolute one is kept verbatim.
func (d *decoder) resolve(ref []byte) ([]byte, bool) {
	if hasScheme(ref) {
		return ref, true
	}
	if !d.hasBase {
		return nil, d.fail("the IRI <%.200s> before this place is relative and the document has no base", ref)
	}
	cost := len(ref) + d.base.size()
	if hasDotSegments(ref) || hasDotSegments(d.base.path) {
		cost *= dotCost
	}
	if !d.work(cost) {
		return nil, false
	}
	d.resolved = d.base.resolve(d.resolved[:0], parseReference(ref))
	if len(d.resolved) > d.lim.Literal {
		return nil, d.stop(d.tooLong())
	}
	return d.resolved, true
}

func (r reference) size() int {
	return len(r.scheme) + len(r.authority) + len(r.path) + len(r.query) + len("://?")
}

// resolve appends ref, which has no scheme, resolved against r.
func (r reference) resolve(b []byte, ref reference) []byte {
	t := ref
	t.scheme = r.scheme
	if !ref.hasAuthority {
		t.authority, t.hasAuthority = r.authority, r.hasAuthority
		if len(ref.path) == 0 {
			t.path = r.path
			if !ref.hasQuery {
				t.query, t.hasQuery = r.query, r.hasQuery
			}
		}
	}
	b = append(append(b, t.scheme...), ':')
	if t.hasAuthority {
		b = append(append(b, "//"...), t.authority...)
	}
	start := len(b)
	if !ref.hasAuthority && len(ref.path) > 0 && ref.path[0] != '/' {
		b = append(b, r.directory()...)
	}
	b = append(b, t.path...)
	if (ref.hasAuthority || len(ref.path) > 0) && hasDotSegments(b[start:]) {
		b = removeDotSegments(b, start)
	}
	if t.hasQuery {
		b = append(append(b, '?'), t.query...)
	}
	if t.hasFrag {
		b = append(append(b, '#'), t.fragment...)
	}
	return b
}

// directory is what a relative path is appended to (section 5.2.3).
func (r reference) directory() []byte {
	if r.hasAuthority && len(r.path) == 0 {
		return []byte{'/'}
	}
	return r.path[:bytes.LastIndexByte(r.path, '/')+1]
}

// dotCost is how much longer a byte takes where dot segments may have to go.
const dotCost = 16

// hasDotSegments says whether a path may hold "." or "..".
func hasDotSegments(path []byte) bool {
	return len(path) > 0 && path[0] == '.' || bytes.Contains(path, []byte("/."))
}

// removeDotSegments rewrites b[start:] in place (section 5.2.4).
func removeDotSegments(b []byte, start int) []byte {
	in, out := b[start:], b[:start]
	for len(in) > 0 {
		end := 1 + bytes.IndexByte(in[1:], '/')
		if end == 0 {
			end = len(in)
		}
		last := end == len(in)
		switch segment := in[:end]; string(segment) {
		case ".", "..": // only at the beginning: what follows has a slash in front
			if !last {
				end++
			}
		case "/.", "/..":
			if len(segment) == len("/..") {
				out = dropSegment(out, start)
			}
			if last {
				out = append(out, '/')
			}
		default:
			out = append(out, segment...)
		}
		in = in[end:]
	}
	return out
}

func dropSegment(out []byte, start int) []byte {
	return out[:start+max(0, bytes.LastIndexByte(out[start:], '/'))]
}

func wrapLine(line int, err error) error { return fmt.Errorf("line %d: %w", line+1, err) }
