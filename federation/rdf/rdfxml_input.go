package rdf

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// xmlInput hands encoding/xml one byte at a time, so that no token can grow beyond the limit, the place is known and
// line ends in attributes become blanks, which that package omits (XML 1.0 section 3.3.3).
type xmlInput struct {
	d         *decoder
	r         *bufio.Reader
	state     xmlState
	quote     byte
	afterCR   bool
	line, col int // of the next byte, from 0
	tag       struct{ line, col int }
	size      int // of the token in hand
	entity    int // bytes of the longest entity
}

type xmlState uint8

const (
	inText xmlState = iota
	inMarkup
	inTag
	inQuotes
	inOther // comment, CDATA, instruction, declaration
)

// Read serves the charset switch of encoding/xml, which wants an io.Reader.
func (in *xmlInput) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := in.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

func (in *xmlInput) ReadByte() (byte, error) {
	b, err := in.r.ReadByte()
	if err == nil && b == '\n' && in.afterCR {
		in.advance(b)
		b, err = in.r.ReadByte()
	}
	in.afterCR = false
	if err != nil {
		return 0, err
	}
	if in.size++; b == '&' {
		in.size += in.entity
	}
	if in.size > in.d.lim.Literal {
		in.d.stop(fmt.Errorf("line %d: %w", in.tag.line+1, overLimit("bytes of one text, tag or comment", int64(in.d.lim.Literal))))
		return 0, in.d.err
	}
	return in.step(b), nil
}

// step follows what the byte belongs to.
func (in *xmlInput) step(b byte) byte {
	switch in.state {
	case inText:
		if b == '<' {
			in.tag.line, in.tag.col = in.line, in.col
			in.state = inMarkup
		}
	case inMarkup:
		in.state = inTag
		if b == '!' || b == '?' {
			in.state = inOther
		}
		if b == '>' {
			in.state = inText
		}
	case inTag:
		switch b {
		case '>':
			in.state = inText
		case '"', '\'':
			in.state, in.quote = inQuotes, b
		}
	case inQuotes:
		if b == in.quote {
			in.state = inTag
		}
	}
	in.advance(b)
	if in.state == inQuotes && (b == '\t' || b == '\n' || b == '\r') {
		in.afterCR = b == '\r'
		return ' '
	}
	return b
}

func (in *xmlInput) advance(b byte) {
	switch {
	case b == '\n':
		in.line++
		in.col = 0
	case b&0xC0 != 0x80: // columns count characters
		in.col++
	}
}

// next reads a token; nil is the end. Comments and instructions are handed on, for XML literals.
func (x *xmlDecoder) next() (xml.Token, bool) {
	if x.err != nil || x.stopped {
		return nil, false
	}
	x.in.size = 0
	token, err := x.tokens.RawToken()
	if x.err != nil {
		return nil, false
	}
	if x.in.state == inOther {
		x.in.state = inText
	}
	x.line, x.col = x.in.tag.line, x.in.tag.col
	first := x.first
	x.first = false
	switch {
	case err == io.EOF && token == nil:
		return nil, true
	case err != nil:
		return nil, x.broken(err)
	}
	if p, ok := token.(xml.ProcInst); ok && strings.EqualFold(p.Target, "xml") && !first {
		return nil, x.fail("<?xml ... ?> may stand at the very beginning only")
	}
	return token, x.work(tokenSize(token))
}

// tokenSize is what a token takes, which entities make longer than its bytes.
func tokenSize(token xml.Token) int {
	switch t := token.(type) {
	case xml.CharData:
		return len(t)
	case xml.StartElement:
		n := len(t.Name.Local)
		for _, a := range t.Attr {
			n += len(a.Name.Local) + len(a.Value)
		}
		return n
	}
	return 0
}

// inside is next for the content of an element, where the document cannot end.
func (x *xmlDecoder) inside(e *element) (xml.Token, bool) {
	token, ok := x.next()
	if !ok {
		return nil, false
	}
	switch t := token.(type) {
	case nil:
		return nil, x.fail("the document ends inside <%.100s>", e.written())
	case xml.EndElement:
		if t.Name != e.name {
			return nil, x.fail("</%.100s> stands where </%.100s> is expected", written(t.Name), e.written())
		}
	case xml.Directive:
		return nil, x.fail("a declaration stands inside <%.100s>", e.written())
	}
	return token, true
}

// broken turns an error of encoding/xml into ours; a reader's own passes.
func (x *xmlDecoder) broken(err error) bool {
	var syntax *xml.SyntaxError
	if !errors.As(err, &syntax) && !strings.HasPrefix(err.Error(), "xml: ") {
		return x.stop(err)
	}
	x.line, x.col = x.in.line, x.in.col
	message := strings.TrimPrefix(err.Error(), "xml: ")
	if syntax != nil {
		message = syntax.Msg
	}
	return x.fail("%s", message)
}

// counted counts the bytes of the document and refuses too many.
type counted struct {
	r io.Reader
	d *decoder
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.d.read += int64(n); c.d.read > c.d.lim.Bytes {
		c.d.stop(overLimit("bytes of a document", c.d.lim.Bytes))
		return 0, c.d.err
	}
	return n, err
}

// declared finds the encoding in an XML declaration.
var declared = regexp.MustCompile(`^<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)

var charsets = map[string]encoding.Encoding{
	"iso-8859-1": charmap.ISO8859_1, "iso8859-1": charmap.ISO8859_1, "latin1": charmap.ISO8859_1, "latin-1": charmap.ISO8859_1,
	"windows-1252": charmap.Windows1252, "cp1252": charmap.Windows1252,
	"iso-8859-15": charmap.ISO8859_15, "us-ascii": encoding.Nop, "ascii": encoding.Nop, "utf-8": encoding.Nop, "utf8": encoding.Nop,
}

// open prepares the bytes: a byte order mark or the declaration says what they are (XML 1.0 appendix F).
func (x *xmlDecoder) open(r io.Reader) bool {
	const head = 1 << 10
	b := bufio.NewReaderSize(counted{r, x.decoder}, 32<<10)
	start, err := b.Peek(head)
	if err != nil && err != io.EOF {
		return x.stop(err)
	}
	var source io.Reader = b
	switch {
	case bytes.HasPrefix(start, []byte("\xFE\xFF")), bytes.HasPrefix(start, []byte("\xFF\xFE")):
		source = unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Reader(b)
	case bytes.HasPrefix(start, []byte("\xEF\xBB\xBF")):
		if _, err := b.Discard(3); err != nil {
			return x.stop(err)
		}
	default:
		if source, err = transcoded(b, start); err != nil {
			return x.fail("%v", err)
		}
	}
	x.in = &xmlInput{d: x.decoder, r: bufio.NewReaderSize(source, 32<<10)}
	x.tokens = xml.NewDecoder(x.in)
	x.tokens.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	return true
}

func transcoded(b *bufio.Reader, start []byte) (io.Reader, error) {
	m := declared.FindSubmatch(start)
	if m == nil {
		return b, nil
	}
	charset, ok := charsets[strings.ToLower(string(m[1]))]
	switch {
	case !ok:
		return nil, fmt.Errorf("the encoding %.40q is not supported: save the document as UTF-8", m[1])
	case charset == encoding.Nop:
		return b, nil
	}
	return charset.NewDecoder().Reader(b), nil
}
