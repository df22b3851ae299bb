package vocabulary

import "strings"

// ISCEDF turns what sources write for a field of education (0613, 613, 06.13, "ISCED-F 0613", six-digit
// national codes, a concept IRI) into the digits of an ISCED-F 2013 field: two, three or four of them.
// Numbers have lost their leading zero: it is put back where the table has no such code without
// it. Five and six digits are cut to four. A code the table lacks falls back to its narrow, then
// to its broad field.
func ISCEDF(code string) (digits string, ok bool) {
	code = strings.TrimSpace(code)
	if rest, isIRI := strings.CutPrefix(secureless(code), BaseISCEDF); isIRI {
		code = rest
	}
	digits = leadingDigits(withoutName(code))
	switch n := len(digits); {
	case n == 0 || n > 6:
		return "", false
	case n == 1:
		digits = "0" + digits
	case n > 4:
		digits = digits[:4]
	case (n == 2 || n == 3) && !knownField(digits) && knownField("0"+digits):
		digits = "0" + digits
	}
	for len(digits) >= 2 {
		if knownField(digits) {
			return digits, true
		}
		digits = digits[:len(digits)-1]
	}
	return "", false
}

// withoutName drops the name of the classification before a code.
func withoutName(code string) string {
	lower := strings.ToLower(code)
	if !strings.HasPrefix(lower, "isced") {
		return code
	}
	for _, word := range []string{"isced", "-f", "f", " f", "-", "_", " ", "2013", ":", " "} {
		lower = strings.TrimPrefix(lower, word)
	}
	return strings.TrimSpace(lower)
}

// leadingDigits drops the full stops between the first digits of a text and what follows those.
func leadingDigits(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			b.WriteByte(c)
		case c != '.':
			return b.String()
		}
	}
	return b.String()
}

func knownField(digits string) bool {
	_, ok := load().byIRI[BaseISCEDF+digits]
	return ok
}

// ISCEDFIRI is the concept IRI of an ISCED-F code in any spelling that ISCEDF reads; "" for none.
func ISCEDFIRI(code string) string {
	if digits, ok := ISCEDF(code); ok {
		return BaseISCEDF + digits
	}
	return ""
}

// BroadField is the two-digit field of an ISCED-F code, "" for none.
func BroadField(code string) string { return fieldOf(code, 2) }

// NarrowField is the three-digit field of an ISCED-F code, "" when the code is a broad one or none.
func NarrowField(code string) string { return fieldOf(code, 3) }

func fieldOf(code string, n int) string {
	digits, ok := ISCEDF(code)
	if !ok || len(digits) < n {
		return ""
	}
	return digits[:n]
}

// ISCEDFLabel is the English name of the field, "" for none.
func ISCEDFLabel(code string) string { return load().byIRI[ISCEDFIRI(code)].Label }
