package federation_test

// A second implementation of docs/protocol.md, written from that page and from nothing else: this file uses the
// standard library alone, and no code of the project. The tests after it in second_agrees_test.go hold both
// against each other. What it leaves out is the graph inside a record, for which the suites of W3C and json-gold
// stand in.

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"
)

var errSecond = errors.New("refused by the second implementation")

func no(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errSecond}, args...)...)
}

// secondEnvelope takes an envelope apart and verifies the signature; it returns the payload and the key.
func secondEnvelope(b []byte, domain, payloadType string, most int) (payload, key []byte, err error) {
	if len(b) > most {
		return nil, nil, no("%d bytes", len(b))
	}
	start := append([]byte{0x0a, 0x24, 0x08, 0x01, 0x12, 0x20}, make([]byte, 32)...)
	start = append(start, 0x12, byte(len(payloadType)))
	start = append(append(start, payloadType...), 0x1a)
	if len(b) < len(start)+1+2+64 {
		return nil, nil, no("short envelope")
	}
	key = b[6:38]
	copy(start[6:38], key)
	if string(b[:len(start)]) != string(start) {
		return nil, nil, no("envelope begins otherwise")
	}
	rest := b[len(start):]
	n, size := binary.Uvarint(rest)
	if size <= 0 || n > uint64(most) || len(binary.AppendUvarint(nil, n)) != size || uint64(len(rest)) != uint64(size)+n+66 {
		return nil, nil, no("length of the payload")
	}
	payload = rest[size : uint64(size)+n]
	tail := rest[uint64(size)+n:]
	if tail[0] != 0x2a || tail[1] != 64 {
		return nil, nil, no("no signature at the end")
	}
	if err := secondKey(key); err != nil {
		return nil, nil, err
	}
	var signed []byte
	for _, part := range []string{domain, payloadType, string(payload)} {
		signed = append(binary.AppendUvarint(signed, uint64(len(part))), part...)
	}
	if !ed25519.Verify(key, signed, tail[2:]) {
		return nil, nil, no("signature")
	}
	return payload, key, nil
}

// secondKey refuses a y coordinate that is not reduced and points of small order. Of the latter it computes the
// order instead of listing them: y of a point of order 1, 2, 4 or 8 fulfils one of these equations mod p.
func secondKey(key []byte) error {
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	little := slices.Clone(key)
	little[31] &= 0x7f
	slices.Reverse(little)
	y := new(big.Int).SetBytes(little)
	if y.Cmp(p) >= 0 {
		return no("y is not reduced")
	}
	one := big.NewInt(1)
	// Orders 1, 2 and 4: y is 1, -1, 0.
	if y.Sign() == 0 || y.Cmp(one) == 0 || y.Cmp(new(big.Int).Sub(p, one)) == 0 {
		return no("small order")
	}
	// Order 8: twice the point has y = 0, which on -x^2 + y^2 = 1 + d x^2 y^2 means y^2 = -x^2, so that
	// d y^4 + 2 y^2 - 1 = 0.
	d := new(big.Int).Mul(big.NewInt(-121665), new(big.Int).ModInverse(big.NewInt(121666), p))
	y2 := new(big.Int).Mod(new(big.Int).Mul(y, y), p)
	value := new(big.Int).Mul(d, new(big.Int).Mul(y2, y2))
	value.Add(value, new(big.Int).Lsh(y2, 1)).Sub(value, one).Mod(value, p)
	if value.Sign() == 0 {
		return no("small order")
	}
	return nil
}

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// secondPublisher is the id of a key.
func secondPublisher(key []byte) string {
	raw := append([]byte{0x00, 0x24, 0x08, 0x01, 0x12, 0x20}, key...)
	n, mod := new(big.Int).SetBytes(raw), new(big.Int)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, big.NewInt(58), mod)
		out = append(out, base58[mod.Int64()])
	}
	for i := 0; i < len(raw) && raw[i] == 0; i++ {
		out = append(out, '1')
	}
	slices.Reverse(out)
	return string(out)
}

// Values of DAG-CBOR: uint64, []byte, string, []any, secondMap, nil, secondLink.
type (
	secondMap  map[string]any
	secondLink struct {
		codec byte
		hash  string
	}
)

// secondDecode reads exactly one value, strictly.
func secondDecode(b []byte) (any, error) {
	v, rest, err := secondValue(b, 0)
	if err == nil && len(rest) > 0 {
		err = no("bytes after the value")
	}
	return v, err
}

func secondHead(b []byte) (major byte, n uint64, rest []byte, err error) {
	if len(b) == 0 {
		return 0, 0, nil, no("end of bytes")
	}
	major, info := b[0]>>5, b[0]&31
	if info < 24 {
		return major, uint64(info), b[1:], nil
	}
	width := map[byte]int{24: 1, 25: 2, 26: 4, 27: 8}[info]
	if width == 0 || len(b) < 1+width {
		return 0, 0, nil, no("head of a value")
	}
	for _, c := range b[1 : 1+width] {
		n = n<<8 | uint64(c)
	}
	if least := map[int]uint64{1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}[width]; n < least {
		return 0, 0, nil, no("number not in its shortest form")
	}
	return major, n, b[1+width:], nil
}

func secondValue(b []byte, depth int) (any, []byte, error) {
	if depth > 8 {
		return nil, nil, no("too deep")
	}
	if len(b) > 0 && b[0] == 0xf6 {
		return nil, b[1:], nil
	}
	major, n, rest, err := secondHead(b)
	if err != nil {
		return nil, nil, err
	}
	switch major {
	case 0:
		return n, rest, nil
	case 2, 3:
		if n > uint64(len(rest)) {
			return nil, nil, no("string is cut short")
		}
		if text := rest[:n]; major == 3 && !utf8.Valid(text) {
			return nil, nil, no("text is not UTF-8")
		} else if major == 3 {
			return string(text), rest[n:], nil
		}
		return rest[:n], rest[n:], nil
	case 4:
		list := []any{}
		for ; n > 0; n-- {
			var v any
			if v, rest, err = secondValue(rest, depth+1); err != nil {
				return nil, nil, err
			}
			list = append(list, v)
		}
		return list, rest, nil
	case 5:
		return secondMapping(n, rest, depth)
	case 6:
		return secondLinked(n, rest, depth)
	}
	return nil, nil, no("type %d", major)
}

func secondMapping(n uint64, rest []byte, depth int) (any, []byte, error) {
	out, last := secondMap{}, ""
	for i := uint64(0); i < n; i++ {
		k, after, err := secondValue(rest, depth+1)
		if err != nil {
			return nil, nil, err
		}
		key, ok := k.(string)
		if !ok || i > 0 && (len(key) < len(last) || len(key) == len(last) && key <= last) {
			return nil, nil, no("keys of a map")
		}
		if out[key], rest, err = secondValue(after, depth+1); err != nil {
			return nil, nil, err
		}
		last = key
	}
	return out, rest, nil
}

func secondLinked(tag uint64, rest []byte, depth int) (any, []byte, error) {
	v, after, err := secondValue(rest, depth+1)
	if err != nil {
		return nil, nil, err
	}
	raw, ok := v.([]byte)
	if tag != 42 || !ok || len(raw) != 37 || raw[0] != 0 || raw[1] != 1 || raw[3] != 0x12 || raw[4] != 0x20 {
		return nil, nil, no("link")
	}
	return secondLink{raw[2], string(raw[5:])}, after, nil
}

// second reads the fields of a map, remembering the first fault.
type second struct {
	m    secondMap
	used int
	err  error
}

func (s *second) fail(format string, args ...any) {
	if s.err == nil {
		s.err = no(format, args...)
	}
}

func (s *second) take(key string) any {
	v, ok := s.m[key]
	if !ok {
		s.fail("%s is missing", key)
	}
	s.used++
	return v
}

func (s *second) done() error {
	if s.used != len(s.m) {
		s.fail("unknown keys")
	}
	return s.err
}

func (s *second) number(key string) uint64 {
	n, ok := s.take(key).(uint64)
	if !ok || n > 1<<53-1 {
		s.fail("%s is no number up to 2^53-1", key)
	}
	return n
}

func (s *second) text(key string, least, most int) string {
	t, ok := s.take(key).(string)
	if !ok || len(t) < least || len(t) > most {
		s.fail("%s is no text of %d to %d bytes", key, least, most)
	}
	return t
}

func (s *second) textOrNull(key string) {
	v := s.take(key)
	if t, ok := v.(string); v != nil && (!ok || len(t) < 1 || len(t) > 2048) {
		s.fail("%s is neither a text nor null", key)
	}
}

func (s *second) link(key string, codec byte, null bool) (secondLink, bool) {
	v := s.take(key)
	if v == nil && null {
		return secondLink{}, false
	}
	l, ok := v.(secondLink)
	if !ok || l.codec != codec {
		s.fail("%s is no link of codec %x", key, codec)
	}
	return l, true
}

func (s *second) inner(key string) *second {
	m, ok := s.take(key).(secondMap)
	if !ok {
		s.fail("%s is no map", key)
	}
	return &second{m: m}
}

func (s *second) provider(text, key string) {
	if !secondProvider(text) {
		s.fail("%s is no provider id", key)
	}
}

// secondProvider judges a provider id inside a statement.
func secondProvider(id string) bool {
	if digits, ok := strings.CutPrefix(id, "deqarinst"); ok && len(digits) >= 1 && len(digits) <= 10 &&
		strings.Trim(digits, "0123456789") == "" && strings.Trim(digits, "0") != "" {
		return true
	}
	labels := strings.Split(id, ".")
	if len(labels) < 2 || len(id) > 253 {
		return false
	}
	for _, l := range labels {
		if len(l) < 1 || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	last := labels[len(labels)-1]
	hex, is := strings.CutPrefix(last, "0x")
	return strings.Trim(last, "0123456789") != "" && !(is && strings.Trim(hex, "0123456789abcdef") == "")
}

// secondIRI judges an IRI.
func secondIRI(s string) bool {
	i := strings.IndexByte(s, ':')
	if i < 1 || i == len(s)-1 || !utf8.ValidString(s) {
		return false
	}
	letters := "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if strings.IndexByte(letters, s[0]) < 0 || strings.Trim(s[:i], letters+"0123456789+-.") != "" {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return r <= 0x20 || strings.ContainsRune("<>\"{}|^`\\", r) }) < 0
}

// opened is what the second implementation reads of a statement.
type opened struct {
	publisher, key string
	epoch, seq     uint64
	root           secondLink
	payload        [32]byte
	graph          []byte
}

func secondStatement(b []byte, domain, payloadType string, most int) (*second, opened, error) {
	payload, key, err := secondEnvelope(b, domain, payloadType, most)
	if err != nil {
		return nil, opened{}, err
	}
	v, err := secondDecode(payload)
	if err != nil {
		return nil, opened{}, err
	}
	m, ok := v.(secondMap)
	if !ok {
		return nil, opened{}, no("the payload is no map")
	}
	s := &second{m: m}
	if s.number("v") != 1 {
		s.fail("v is not 1")
	}
	o := opened{publisher: s.text("publisher", 52, 52), payload: sha256.Sum256(payload)}
	if o.publisher != secondPublisher(key) {
		s.fail("signed by another key")
	}
	return s, o, nil
}

// secondRecord opens a record, but for the inside of its graph.
func secondRecord(b []byte) (opened, error) {
	s, o, err := secondStatement(b, "coursemesh-record", "/coursemesh/record/1", 1<<20)
	if err != nil {
		return o, err
	}
	kind, provider, subject := s.text("kind", 1, 256), s.text("provider", 1, 253), s.text("subject", 1, 2048)
	if !slices.Contains([]string{"course", "offering", "provider", "alliance"}, kind) {
		s.fail("kind")
	}
	s.provider(provider, "provider")
	if !secondIRI(subject) {
		s.fail("subject")
	}
	o.key = kind + "|" + provider + "|" + subject
	s.link("prev", 0x55, true)
	s.link("snapshot", 0x55, true)
	graph, ok := s.take("graph").([]byte)
	if o.graph = graph; !ok || len(graph) == 0 {
		s.fail("graph")
	}
	s.textOrNull("credit")
	s.textOrNull("licence")
	s.number("issued")
	s.text("mapping", 1, 128)
	from := s.inner("source")
	from.text("id", 1, 2048)
	from.provider(from.text("domain", 1, 253), "source.domain")
	return o, errors.Join(from.done(), s.done())
}

// secondHeadOf opens a head.
func secondHeadOf(b []byte) (opened, error) {
	s, o, err := secondStatement(b, "coursemesh-head", "/coursemesh/head/1", 16<<10)
	if err != nil {
		return o, err
	}
	o.epoch, o.seq = s.number("epoch"), s.number("seq")
	s.number("bytes")
	s.number("count")
	s.number("issued")
	o.root, _ = s.link("root", 0x71, false)
	_, hasPrev := s.link("prev", 0x55, true)
	if o.epoch == 0 || o.seq == 0 || hasPrev && o.epoch == 1 && o.seq == 1 || !hasPrev && o.seq > 1 {
		s.fail("epoch, seq and prev")
	}
	s.domains()
	node := s.inner("node")
	node.text("name", 0, 256)
	node.text("alliance", 0, 256)
	if url := node.text("url", 0, 2048); url != "" && (!secondIRI(url) || !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://")) {
		s.fail("node.url")
	}
	return o, errors.Join(node.done(), s.done())
}

func (s *second) domains() {
	list, ok := s.take("domains").([]any)
	if !ok {
		s.fail("domains is no list")
	}
	last := ""
	for _, v := range list {
		domain, ok := v.(string)
		if !ok || domain <= last {
			s.fail("domains do not rise")
			return
		}
		s.provider(domain, "domains")
		last = domain
	}
}

// secondProof opens a proof of equivocation.
func secondProof(b []byte) (opened, error) {
	v, err := secondDecode(b)
	if err != nil {
		return opened{}, err
	}
	m, ok := v.(secondMap)
	if !ok || len(b) > 32<<10+64 {
		return opened{}, no("no proof")
	}
	s := &second{m: m}
	one, ok1 := s.take("a").([]byte)
	two, ok2 := s.take("b").([]byte)
	if s.number("v") != 1 || !ok1 || !ok2 || string(one) > string(two) {
		s.fail("fields of a proof")
	}
	if err := s.done(); err != nil {
		return opened{}, err
	}
	first, err := secondHeadOf(one)
	if err != nil {
		return first, err
	}
	other, err := secondHeadOf(two)
	if err != nil {
		return other, err
	}
	if first.publisher != other.publisher || first.epoch != other.epoch || first.seq != other.seq || first.payload == other.payload {
		return first, no("the heads prove nothing")
	}
	return first, nil
}

// secondErasure opens a notice of erasure.
func secondErasure(b []byte) (opened, error) {
	s, o, err := secondStatement(b, "coursemesh-erasure", "/coursemesh/erasure/1", 16<<10)
	if err != nil {
		return o, err
	}
	s.number("issued")
	s.provider(s.text("provider", 1, 253), "provider")
	list, ok := s.take("records").([]any)
	if !ok || len(list) < 1 || len(list) > 300 {
		s.fail("records")
	}
	last := ""
	for _, v := range list {
		l, ok := v.(secondLink)
		if !ok || l.codec != 0x55 || l.hash <= last {
			s.fail("records do not rise")
			break
		}
		last = l.hash
	}
	return o, s.done()
}

// secondInclusion follows the nodes from a root to a key and returns the hash of the record there.
func secondInclusion(root secondLink, path [][]byte, key string) (string, error) {
	hash := new(big.Int).SetBytes(func() []byte { h := sha256.Sum256([]byte(key)); return h[:] }())
	for depth, node := range path {
		if got := sha256.Sum256(node); string(got[:]) != root.hash || root.codec != 0x71 {
			return "", no("node %d is another", depth)
		}
		index := int(new(big.Int).Rsh(hash, uint(256-5*(depth+1))).Uint64() & 31)
		pointer, err := secondPointer(node, index)
		if err != nil {
			return "", err
		}
		if next, ok := pointer.(secondLink); ok {
			root = next
			continue
		}
		return secondBucket(pointer, key, len(path)-depth-1)
	}
	return "", no("the path ends early")
}

// secondPointer decodes a node and picks the pointer at an index.
func secondPointer(node []byte, index int) (any, error) {
	v, err := secondDecode(node)
	if err != nil {
		return nil, err
	}
	pair, ok := v.([]any)
	if !ok || len(pair) != 2 {
		return nil, no("no tree node")
	}
	raw, ok1 := pair[0].([]byte)
	pointers, ok2 := pair[1].([]any)
	if !ok1 || !ok2 || len(raw) > 4 || len(raw) > 0 && raw[0] == 0 {
		return nil, no("no tree node")
	}
	field, at, used := new(big.Int).SetBytes(raw), 0, 0
	for i := range 32 {
		if field.Bit(i) == 1 {
			used++
			if i < index {
				at++
			}
		}
	}
	for _, p := range pointers {
		if err := secondWellFormed(p); err != nil {
			return nil, err
		}
	}
	if used != len(pointers) || field.Bit(index) == 0 {
		return nil, no("nothing at the key's index")
	}
	return pointers[at], nil
}

func secondWellFormed(pointer any) error {
	if l, ok := pointer.(secondLink); ok && l.codec == 0x71 {
		return nil
	}
	bucket, ok := pointer.([]any)
	if !ok || len(bucket) < 1 || len(bucket) > 3 {
		return no("pointer")
	}
	for _, e := range bucket {
		pair, ok := e.([]any)
		if !ok || len(pair) != 2 {
			return no("entry")
		}
		_, key := pair[0].([]byte)
		if l, ok := pair[1].(secondLink); !ok || !key || l.codec != 0x55 {
			return no("entry")
		}
	}
	return nil
}

func secondBucket(pointer any, key string, left int) (string, error) {
	for _, e := range pointer.([]any) {
		pair := e.([]any)
		if string(pair[0].([]byte)) == key && left == 0 {
			return pair[1].(secondLink).hash, nil
		}
	}
	return "", no("the key is not there")
}
