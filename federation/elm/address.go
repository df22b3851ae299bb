package elm

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// removedMark stands in prose where an address was.
const removedMark = "[removed]"

// scrubbed is a text without the addresses that must not stay.
type scrubbed struct {
	text    string
	kept    int // e-mail addresses that may stay
	removed int // e-mail addresses and ORCIDs replaced by removedMark
}

// scrub finds e-mail addresses and ORCIDs in a text and replaces those that stays refuses. It reads
// each byte a bounded number of times: an address is looked for around a sign that can only stand
// inside one, at most maxLocal and maxDomain bytes to either side.
func scrub(text string, stays func(address string) bool) scrubbed {
	var b strings.Builder
	var out scrubbed
	done := 0 // bytes of text already written or dropped
	for i := 0; i < len(text); {
		start, end, address := addressAt(text, i, done)
		switch {
		case end == 0:
			i++
			continue
		case address != "" && stays(address):
			out.kept++
		default:
			out.removed++
			b.WriteString(text[done:start])
			b.WriteString(removedMark)
			done = end
		}
		i = end
	}
	if out.removed == 0 {
		out.text = text
		return out
	}
	b.WriteString(text[done:])
	out.text = b.String()
	return out
}

// addressAt finds an e-mail address whose at-sign, or an ORCID whose first digit, is at i. end is 0
// when there is none; address is empty for an ORCID.
func addressAt(text string, i, from int) (start, end int, address string) {
	switch text[i] {
	case '0':
		start, end = orcidAt(text, i, from)
		return start, end, ""
	case '@', '%', '&', '(', '[', '{', 0xEF:
		return mailAt(text, i, from)
	}
	return 0, 0, ""
}

const (
	maxLocal  = 64 // bytes, RFC 5321 section 4.5.3.1.1
	maxDomain = 255
)

// atSigns are the ways in which pages write the at-sign. Those in brackets may have blanks around.
var atSigns = []string{"@", "\uff20", "%40", "&#64;", "&#064;", "&#x40;", "&commat;", "(at)", "[at]", "{at}", "(@)", "[@]"}

func mailAt(text string, i, from int) (start, end int, address string) {
	for _, sign := range atSigns {
		if len(text)-i < len(sign) || !strings.EqualFold(text[i:i+len(sign)], sign) {
			continue
		}
		left, right := i, i+len(sign)
		if strings.ContainsRune("([{", rune(sign[0])) {
			left = from + len(strings.TrimRight(text[from:left], " "))
			right += len(text[right:]) - len(strings.TrimLeft(text[right:], " "))
		}
		start := localStart(text, left, from)
		domain, end := domainAt(text, right)
		if start < left && domain != "" {
			return start, end, strings.ToLower(text[start:left] + "@" + domain)
		}
	}
	return 0, 0, ""
}

// localStart goes left over what may stand before an at-sign.
func localStart(text string, end, from int) int {
	start := end
	for start > from && end-start < maxLocal {
		r, size := utf8.DecodeLastRuneInString(text[from:start])
		if !isLabel(r) && !strings.ContainsRune("._+'%", r) {
			break
		}
		start -= size
	}
	for start < end && strings.IndexByte(".'%-", text[start]) >= 0 {
		start++
	}
	return start
}

// dots are the ways in which pages write the dot of a domain.
var dots = []string{".", "(dot)", "[dot]", "(.)", "[.]", " (dot) ", " [dot] "}

// domainAt reads the longest host name with a plausible top-level domain.
func domainAt(text string, i int) (domain string, end int) {
	stop := min(len(text), i+maxDomain)
	var labels []string
	for i < stop {
		size := labelLength(text[i:stop])
		if size == 0 {
			break
		}
		labels = append(labels, text[i:i+size])
		i += size
		if len(labels) > 1 && isTopLevel(labels[len(labels)-1]) {
			domain, end = strings.Join(labels, "."), i
		}
		dot := dotLength(text[i:stop])
		if dot == 0 {
			break
		}
		i += dot
	}
	return domain, end
}

func labelLength(s string) int {
	for i, r := range s {
		if !isLabel(r) || r == '_' {
			return i
		}
	}
	return len(s)
}

func dotLength(s string) int {
	for _, dot := range dots {
		if len(s) >= len(dot) && strings.EqualFold(s[:len(dot)], dot) {
			return len(dot)
		}
	}
	return 0
}

func isLabel(r rune) bool {
	return r == '-' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

func isTopLevel(label string) bool {
	if strings.HasPrefix(strings.ToLower(label), "xn--") {
		return true
	}
	for _, r := range label {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			return false
		}
	}
	return utf8.RuneCountInString(label) >= 2
}

// orcidLength is that of 0000-0002-1825-0097.
const orcidLength = 19

// orcidAt finds an ORCID at i: in one of the two blocks that ORCID has of ISNI's numbers and with a
// right check digit, or behind orcid.org/ with any. The address before it goes with it.
func orcidAt(text string, i, from int) (start, end int) {
	if len(text)-i < orcidLength || i > 0 && isAlnum(text[i-1]) {
		return 0, 0
	}
	id := text[i : i+orcidLength]
	if i+orcidLength < len(text) && (isAlnum(text[i+orcidLength]) || text[i+orcidLength] == '-') {
		return 0, 0
	}
	start = linkStart(text, i, from)
	if !isNumberGroups(id) || start == i && (!inORCIDBlock(id) || !isChecked(id)) {
		return 0, 0
	}
	return start, i + orcidLength
}

// linkStart goes left over a link to orcid.org.
func linkStart(text string, i, from int) int {
	start := cutSuffixFold(text[from:i], "orcid.org/")
	if start == i-from {
		return i
	}
	for _, part := range []string{"www.", "//", "https:", "http:"} {
		start = cutSuffixFold(text[from:from+start], part)
	}
	return from + start
}

// cutSuffixFold is the length of s without a suffix of ASCII letters in any case.
func cutSuffixFold(s, suffix string) int {
	if n := len(s) - len(suffix); n >= 0 && strings.EqualFold(s[n:], suffix) {
		return n
	}
	return len(s)
}

func isNumberGroups(id string) bool {
	for i := range len(id) {
		c := id[i]
		switch {
		case i%5 == 4:
			if c != '-' {
				return false
			}
		case c >= '0' && c <= '9', i == len(id)-1 && (c == 'X' || c == 'x'):
		default:
			return false
		}
	}
	return true
}

func inORCIDBlock(id string) bool {
	return strings.HasPrefix(id, "0000-000") || strings.HasPrefix(id, "0009-00")
}

// isChecked verifies the check digit of ISO 7064 MOD 11-2.
func isChecked(id string) bool {
	sum := 0
	for i := range len(id) - 1 {
		if id[i] != '-' {
			sum = (sum + int(id[i]-'0')) * 2 % 11
		}
	}
	want := (12 - sum) % 11
	last := id[len(id)-1]
	if last == 'X' || last == 'x' {
		return want == 10
	}
	return want == int(last-'0')
}
