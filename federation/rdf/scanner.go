package rdf

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

const firstWindow = 16 << 10

// scanner is a sliding window over a document. What lies before mark (or pos, when mark is
// negative) may be dropped at any call that needs more bytes, so callers keep indexes in
// the scanner's fields only. The first failure sticks in err.
type scanner struct {
	r      io.Reader
	format Format
	lim    Limits

	buf       []byte
	pos       int // next byte
	mark      int // first byte of the token's part not yet in text, or -1
	text      []byte
	line, col int // of buf[known], from 0
	known     int // what callers place lies at it or behind it
	read      int64
	steps     int64
	eof       bool
	err       error
}

// peek returns the next byte or -1 at the end.
func (s *scanner) peek() int {
	if s.pos < len(s.buf) {
		return int(s.buf[s.pos])
	}
	return s.peekAt(0)
}

// peekAt returns the byte n places ahead or -1 behind the end.
func (s *scanner) peekAt(n int) int {
	for s.pos+n >= len(s.buf) {
		if !s.more() {
			return -1
		}
	}
	return int(s.buf[s.pos+n])
}

// peekRune returns the next character and its length; length 0 means end or failure.
func (s *scanner) peekRune() (rune, int) {
	c := s.peek()
	if c < utf8.RuneSelf {
		return rune(c), min(c+1, 1)
	}
	for !utf8.FullRune(s.buf[s.pos:]) && s.more() {
	}
	r, n := utf8.DecodeRune(s.buf[s.pos:])
	if r == utf8.RuneError && n == 1 {
		s.fail("the document is not valid UTF-8 here")
		return r, 0
	}
	return r, n
}

// more reads further bytes into the window; false means end or failure.
func (s *scanner) more() bool {
	if s.eof || s.err != nil {
		return false
	}
	s.slide()
	if len(s.buf) == cap(s.buf) && !s.grow() {
		return false
	}
	for range 100 {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		s.read += int64(n)
		s.eof = err == io.EOF
		switch {
		case s.read > s.lim.Bytes:
			return s.stop(overLimit("bytes of a document", s.lim.Bytes))
		case err != nil && err != io.EOF:
			return s.stop(err)
		case n > 0:
			return true
		case s.eof:
			return false
		}
	}
	return s.stop(io.ErrNoProgress)
}

// slide drops what no token needs any more.
func (s *scanner) slide() {
	keep := s.pos
	if s.mark >= 0 {
		keep = s.mark
	}
	if keep == 0 {
		return
	}
	s.line, s.col = s.place(keep)
	s.known = 0
	n := copy(s.buf, s.buf[keep:])
	s.buf = s.buf[:n]
	s.pos -= keep
	if s.mark >= 0 {
		s.mark -= keep
	}
}

func (s *scanner) grow() bool {
	if len(s.buf) > s.lim.Literal {
		return s.stop(s.tooLong())
	}
	bigger := make([]byte, len(s.buf), max(firstWindow, 2*cap(s.buf)))
	copy(bigger, s.buf)
	s.buf = bigger
	return true
}

func (s *scanner) tooLong() error {
	line, _ := s.place(s.pos)
	return fmt.Errorf("line %d: %w", line+1, overLimit("bytes of one literal or IRI", int64(s.lim.Literal)))
}

// begin starts a token at pos; what take appends and what lies between mark and pos make it up.
func (s *scanner) begin() {
	s.mark = s.pos
	s.text = s.text[:0]
}

// flush moves the pending part of a token into text.
func (s *scanner) flush() {
	s.text = append(s.text, s.buf[s.mark:s.pos]...)
	s.mark = s.pos
}

// token returns the bytes of the token and forgets its place; they are valid until the next call.
func (s *scanner) token() ([]byte, bool) {
	b := s.buf[s.mark:s.pos]
	if len(s.text) > 0 {
		s.flush()
		b = s.text
	}
	s.mark = -1
	if len(b) > s.lim.Literal {
		return nil, s.stop(s.tooLong())
	}
	return b, true
}

// work counts bytes built beyond those read, so that short input cannot cause long work.
func (s *scanner) work(n int) bool {
	s.steps += int64(n)
	limit := s.lim.Steps
	if limit <= 0 {
		limit = stepsFree + stepsPerByte*s.read
	}
	if s.steps+s.read > limit {
		return s.stop(overLimit("steps of decoding", limit))
	}
	return true
}

// here is the place of pos. What lies before it is never counted again, so that asking often costs one pass
// over the document in all.
func (s *scanner) here() Place {
	s.line, s.col = s.place(s.pos)
	s.known = s.pos
	return Place{uint32(s.line + 1), uint32(s.col + 1)}
}

// place gives line and column, both from 0, of an index into the window. Columns count characters.
func (s *scanner) place(at int) (line, col int) {
	before := s.buf[min(s.known, at):at]
	n := bytes.Count(before, []byte{'\n'})
	if n == 0 {
		return s.line, s.col + utf8.RuneCount(before)
	}
	return s.line + n, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
}

// fail records a syntax error at pos. Like stop it returns false, for use in returns.
func (s *scanner) fail(format string, args ...any) bool { return s.failAt(s.pos, format, args...) }

func (s *scanner) failAt(at int, format string, args ...any) bool {
	line, col := s.place(at)
	return s.stop(&SyntaxError{Format: s.format, Line: line + 1, Column: col + 1, Message: fmt.Sprintf(format, args...)})
}

// unexpected fails with what stands at pos and what should.
func (s *scanner) unexpected(want string) bool {
	r, n := s.peekRune()
	if n == 0 {
		return s.fail("the document ends where %s is expected", want)
	}
	return s.fail("found %q, expected %s", r, want)
}

func (s *scanner) stop(err error) bool {
	if s.err == nil {
		s.err = err
	}
	return false
}
