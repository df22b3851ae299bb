package federation

import (
	"strings"
	"unicode/utf8"
)

// providerID judges a provider id inside a statement. It is wider than ValidProvider, whose answer to an
// A-label depends on the Unicode version of its tables: what is valid must never change with a library.
func providerID(id string) bool {
	if _, ok := deqarNumber(id); ok {
		return true
	}
	for label := range strings.SplitSeq(id, ".") {
		if strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" ||
			strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
	}
	return checkLabels(id) == nil
}

// ValidIRI reports a scheme, a colon and at least one character more, none of them forbidden
// in the IRIREF of N-Quads.
func ValidIRI(s string) bool {
	scheme, rest, found := strings.Cut(s, ":")
	if !found || scheme == "" || rest == "" || !utf8.ValidString(s) {
		return false
	}
	for i, c := range []byte(scheme) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		other := '0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'
		if !letter && (i == 0 || !other) {
			return false
		}
	}
	forbidden := func(c rune) bool { return c <= ' ' || strings.ContainsRune("<>\"{}|^`\\", c) }
	return strings.IndexFunc(rest, forbidden) < 0
}
