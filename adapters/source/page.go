package source

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Entries reads a list of records that stay undecoded, so that their nesting is judged one by one. One
// object in place of a list counts as its only entry.
func Entries(raw json.RawMessage) ([]json.RawMessage, error) {
	switch {
	case len(raw) > 0 && raw[0] == '[':
		return entries(raw)
	case len(raw) > 0 && raw[0] == '{':
		return []json.RawMessage{raw}, nil
	case string(raw) == "null":
		return nil, nil
	}
	return nil, fmt.Errorf("%q is no array", Head(raw))
}

// Raw is a field of what Fields read; nil when it is not there.
func (o Object) Raw(field string) json.RawMessage {
	raw, _ := o.Get(field).(json.RawMessage)
	return raw
}

// VisitAll hands the entries of one page to visit; pointer leads to their list.
func VisitAll(address, pointer string, items []json.RawMessage, visit func(Record) error) error {
	for i, raw := range items {
		if err := visit(Record{Place{address, pointer + "/" + strconv.Itoa(i)}, raw}); err != nil {
			return err
		}
	}
	return nil
}

// Head says what a body starts with, for messages.
func Head(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\x1f\x8b")):
		return "gzip, which no Content-Encoding declares"
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		return "a mark of UTF-16; JSON is UTF-8"
	}
	return strconv.Quote(string(b[:min(len(b), 20)]))
}

// Count reads a number that may be sent as text; 0 when there is none.
func Count(raw []byte) int {
	n, err := strconv.Atoi(unquoted(raw))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Truth reads a boolean that may be sent as text or number; nil when there is none.
func Truth(raw []byte) *bool {
	b, err := strconv.ParseBool(strings.ToLower(unquoted(raw)))
	if err != nil {
		return nil
	}
	return &b
}

func unquoted(raw []byte) string { return strings.TrimSpace(strings.Trim(string(raw), `"`)) }

// Pages remembers the pages of one listing by what is in them.
type Pages map[[32]byte]int

// Again reports whether the page was there before, and as which; else it is remembered as page number.
func (p Pages) Again(items []json.RawMessage, number int) (first int, again bool) {
	mark := fingerprint(items)
	if first, again = p[mark]; !again {
		p[mark] = number
	}
	return first, again
}

func fingerprint(items []json.RawMessage) [32]byte {
	h := sha256.New()
	for _, raw := range items {
		fmt.Fprintf(h, "%d:", len(raw))
		h.Write(raw)
	}
	return [32]byte(h.Sum(nil))
}
