package elmrdf

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/url"
	"path"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// sniffBytes of a document are looked at to find its format.
const sniffBytes = 8 << 10

var mediaTypes = map[string]rdf.Format{
	"text/turtle":           rdf.Turtle,
	"application/turtle":    rdf.Turtle,
	"application/x-turtle":  rdf.Turtle,
	"application/n-triples": rdf.NTriples,
	"application/ld+json":   rdf.JSONLD,
	"application/json":      rdf.JSONLD,
	"application/jsonl":     rdf.JSONLD,
	"application/x-ndjson":  rdf.JSONLD,
	"application/rdf+xml":   rdf.RDFXML,
	"application/xml":       rdf.RDFXML,
	"text/xml":              rdf.RDFXML,
}

var extensions = map[string]rdf.Format{
	".ttl":    rdf.Turtle,
	".nt":     rdf.NTriples,
	".jsonld": rdf.JSONLD,
	".json":   rdf.JSONLD,
	".jsonl":  rdf.JSONLD,
	".ndjson": rdf.JSONLD,
	".rdf":    rdf.RDFXML,
	".owl":    rdf.RDFXML,
	".xml":    rdf.RDFXML,
}

var names = map[rdf.Format]string{
	rdf.Turtle: "Turtle", rdf.NTriples: "N-Triples", rdf.JSONLD: "JSON-LD", rdf.RDFXML: "RDF/XML",
}

func nameOf(f rdf.Format) string { return names[f] }

const formatsRead = "Turtle (text/turtle), N-Triples (application/n-triples), RDF/XML (application/rdf+xml) and JSON-LD (application/ld+json) are read"

// detect finds the format. The manifest's contentType wins; then the media type of the answer, the
// extension of the final URL, and the first bytes. Servers send catalogues as text/plain, as HTML or
// as something that the content cannot be, so a media type or extension counts only when the first
// bytes do not rule it out.
func detect(address, media, override string, head []byte) (rdf.Format, error) {
	format, ok := byMediaType(override)
	if !ok {
		format, ok = byEvidence(address, media, head)
	}
	switch {
	case !ok && looksLikeHTML(head):
		return "", unreadable(address, "the answer is an HTML page, not a catalogue", "check path in the manifest and whether the page needs a login")
	case !ok:
		return "", unreadable(address, fmt.Sprintf("the format is not recognised (media type %q); %s", media, formatsRead), "set contentType in the manifest")
	}
	return format, nil
}

func byMediaType(s string) (rdf.Format, bool) {
	if parsed, _, err := mime.ParseMediaType(s); err == nil {
		s = parsed
	}
	f, ok := mediaTypes[strings.ToLower(strings.TrimSpace(s))]
	return f, ok
}

func byEvidence(address, media string, head []byte) (rdf.Format, bool) {
	if looksLikeHTML(head) {
		return "", false
	}
	seen, known := sniff(head)
	if f, ok := byMediaType(media); ok && possible(f, seen, known) {
		return f, true
	}
	if f, ok := byExtension(address); ok && possible(f, seen, known) {
		return f, true
	}
	return seen, known
}

// possible reports whether content that looks like seen may be of format f.
func possible(f, seen rdf.Format, known bool) bool {
	if !known {
		return true
	}
	isText := func(f rdf.Format) bool { return f == rdf.Turtle || f == rdf.NTriples }
	return f == seen || (isText(f) && isText(seen))
}

func byExtension(address string) (rdf.Format, bool) {
	u, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	f, ok := extensions[strings.ToLower(path.Ext(u.Path))]
	return f, ok
}

// sniff judges by the first bytes. Turtle stands for N-Triples too, since it contains it.
func sniff(head []byte) (rdf.Format, bool) {
	s := bytes.TrimSpace(head)
	lower := bytes.ToLower(s[:min(len(s), 64)])
	switch {
	case len(s) == 0:
		return "", false
	case s[0] == '{', s[0] == '[' && jsonArray(s[1:]):
		return rdf.JSONLD, true
	case bytes.HasPrefix(lower, []byte("<?xml")), bytes.HasPrefix(lower, []byte("<rdf:")), bytes.HasPrefix(lower, []byte("<!")), isTag(s):
		return rdf.RDFXML, true
	case strings.ContainsRune("@#<_[(", rune(s[0])), bytes.HasPrefix(lower, []byte("prefix")), bytes.HasPrefix(lower, []byte("base")):
		return rdf.Turtle, true
	}
	return "", false
}

// isTag tells a start tag, which declares its namespaces, from an IRI of Turtle, which holds no white space.
func isTag(s []byte) bool {
	tag, _, _ := bytes.Cut(s, []byte{'>'})
	return s[0] == '<' && bytes.ContainsAny(tag, " \t\r\n")
}

// jsonArray tells a JSON array from a blank node of Turtle.
func jsonArray(rest []byte) bool {
	rest = bytes.TrimSpace(rest)
	return len(rest) > 0 && (rest[0] == '{' || rest[0] == '"' || rest[0] == '[')
}

func looksLikeHTML(head []byte) bool {
	s := bytes.ToLower(bytes.TrimSpace(head))
	return bytes.HasPrefix(s, []byte("<!doctype html")) || bytes.HasPrefix(s, []byte("<html")) ||
		(bytes.HasPrefix(s, []byte("<?xml")) && bytes.Contains(s, []byte("<html")) && !bytes.Contains(s, []byte("<rdf:rdf")))
}

// start is the beginning of the document, without a byte order mark. Encodings that RDF documents may
// not have are refused; XML says itself which one it has, and may be UTF-16. A charset parameter is not heeded: servers add a wrong one to UTF-8 files.
func start(address string, r *bufio.Reader) ([]byte, error) {
	head, err := r.Peek(sniffBytes)
	switch {
	case err != nil && err != io.EOF:
		return nil, err // which names its place
	case len(head) < sniffBytes && len(bytes.TrimSpace(head)) == 0:
		return nil, unreadable(address, "the document is empty", "write the courses into it; to take all down, set withdrawn in the manifest")
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return head[3:], nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		text := bytes.ReplaceAll(head[2:], []byte{0}, nil)
		if format, _ := sniff(text); format == rdf.RDFXML {
			return text, nil
		}
		return nil, unreadable(address, "the document is not UTF-8 but UTF-16", "save it as UTF-8")
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return nil, unreadable(address, "the document is compressed with gzip, and the server does not say so", "send Content-Encoding: gzip with it, or publish it uncompressed")
	case bytes.IndexByte(head[:min(len(head), 2)], 0) >= 0: // further on it may be a character of a text
		return nil, unreadable(address, "the document is not UTF-8 (it looks like UTF-16 or binary)", "save it as UTF-8")
	}
	return head, nil
}

// FormatOf finds the format of a document from its address or file name, the media type it came with and
// its first bytes.
func FormatOf(address, media string, head []byte) (rdf.Format, bool) {
	return byEvidence(address, media, head)
}

func unreadable(where, message, fix string) error {
	return &adapters.DocumentError{Where: where, Message: message, Fix: fix}
}
