package source

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Stream is one answer whose list was handed over entry by entry, since lists without pages may be large.
type Stream struct {
	URL    string // after redirects
	Fields Object // the other fields of the answer, undecoded, and the field itself where it is no list
}

var errNotObject = errors.New("the answer is no JSON object")

// Stream reads an answer that is one object, and hands over the entries of its list while it is read: visit must not
// take long. Of an entry over the limit visit gets the start. An empty answer is asked for again.
func (c *Client) Stream(ctx context.Context, address, list string, visit func(Record) error) (s Stream, err error) {
	for range 1 + emptyRetries {
		s, err = c.stream(ctx, address, list, visit)
		if !errors.Is(err, ErrEmptyBody) {
			break
		}
	}
	return s, err
}

func (c *Client) stream(ctx context.Context, address, list string, visit func(Record) error) (Stream, error) {
	resp, err := c.open(ctx, address)
	if err != nil {
		return Stream{}, err
	}
	defer resp.Body.Close()
	capped := &io.LimitedReader{R: resp.Body, N: c.PageBytes + 1}
	sc := scanner{in: bufio.NewReader(capped), limit: c.RecordBytes}
	out := Stream{URL: resp.URL}
	out.Fields, err = sc.object(list, func(i int, raw json.RawMessage) error {
		return visit(Record{Place{resp.URL, fmt.Sprintf("/%s/%d", list, i)}, raw})
	})
	if capped.N <= 0 {
		return out, fmt.Errorf("%s: more than %d bytes in one answer; split the list", address, c.PageBytes)
	}
	if err != nil {
		return out, fmt.Errorf("%s: %w", address, err)
	}
	return out, nil
}

// scanner finds the values of a JSON text by their ends; what is in them is judged by who decodes them.
type scanner struct {
	in    *bufio.Reader
	limit int // bytes kept of a value
}

// object reads an object, its list apart.
func (s *scanner) object(list string, visit func(int, json.RawMessage) error) (Object, error) {
	if bom, _ := s.in.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = s.in.Discard(3)
	}
	switch c, err := s.next(); {
	case errors.Is(err, io.EOF):
		return nil, ErrEmptyBody
	case err != nil:
		return nil, err
	case c != '{':
		head, _ := s.in.Peek(20)
		return nil, fmt.Errorf("%w: it starts with %s", errNotObject, Head(head))
	}
	_, _ = s.in.Discard(1)
	var fields []Field
	err := s.members('}', func(int) error { return s.field(&fields, list, visit) })
	return ordered(fields), err
}

// members reads what lies between brackets, up to the closing one.
func (s *scanner) members(closing byte, member func(int) error) error {
	for i := 0; ; i++ {
		c, err := s.next()
		if err != nil {
			return cutOff(err)
		}
		switch {
		case c == closing:
			_, err := s.in.Discard(1)
			return err
		case c == ',' && i > 0:
			_, _ = s.in.Discard(1)
		case i > 0:
			return fmt.Errorf("invalid character %q between values", c)
		}
		if err := member(i); err != nil {
			return err
		}
	}
}

func (s *scanner) field(fields *[]Field, list string, visit func(int, json.RawMessage) error) error {
	key, err := s.value()
	if err != nil {
		return err
	}
	var name string
	if err := json.Unmarshal(key, &name); err != nil {
		return err
	}
	if c, err := s.next(); err != nil || c != ':' {
		return fmt.Errorf("no value follows the name %q (%w)", name, cutOff(err))
	}
	_, _ = s.in.Discard(1)
	c, err := s.next()
	if err != nil {
		return cutOff(err)
	}
	if c == '[' && strings.EqualFold(name, list) {
		_, _ = s.in.Discard(1)
		return s.members(']', func(i int) error {
			raw, err := s.value()
			if err != nil {
				return err
			}
			return visit(i, raw)
		})
	}
	raw, err := s.value()
	if err == nil && len(raw) > s.limit {
		return fmt.Errorf("the field %q has more than %d bytes", name, s.limit)
	}
	*fields = append(*fields, Field{name, raw})
	return err
}

// next looks at the next byte that is no white space.
func (s *scanner) next() (byte, error) {
	for {
		b, err := s.in.Peek(1)
		if err != nil {
			return 0, err
		}
		switch b[0] {
		case ' ', '\t', '\r', '\n':
			_, _ = s.in.Discard(1)
		default:
			return b[0], nil
		}
	}
}

// value reads one value; of one over the limit its start and no more.
func (s *scanner) value() (json.RawMessage, error) {
	if _, err := s.next(); err != nil {
		return nil, cutOff(err)
	}
	var raw []byte
	for v := (extent{}); ; {
		if _, err := s.in.Peek(1); err != nil { // fills the buffer
			return nil, cutOff(err)
		}
		buffered, _ := s.in.Peek(s.in.Buffered())
		n, ended := v.scan(buffered)
		raw = append(raw, buffered[:min(n, s.limit+1-len(raw))]...)
		if _, err := s.in.Discard(n); err != nil || ended {
			return raw, err
		}
	}
}

// extent finds where a value ends.
type extent struct {
	depth             int
	inString, escaped bool
	started           bool // a number or word
}

// scan takes the bytes that belong to the value, and reports whether it ends with them.
func (v *extent) scan(b []byte) (n int, ended bool) {
	for i, c := range b {
		switch {
		case v.escaped:
			v.escaped = false
		case v.inString:
			v.escaped = c == '\\'
			if v.inString = c != '"'; !v.inString && v.depth == 0 {
				return i + 1, true
			}
		case v.depth == 0 && v.started && bytes.IndexByte([]byte(",:]}[{\" \t\r\n"), c) >= 0:
			return i, true
		case c == '"':
			v.inString = true
		case c == '{', c == '[':
			v.depth++
		case c == '}', c == ']':
			if v.depth--; v.depth <= 0 {
				return i + 1, true
			}
		default:
			v.started = true
		}
	}
	return len(b), false
}

// cutOff is the error of a text that ends too early.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return errCut
	}
	return err
}
