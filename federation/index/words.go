package index

import (
	"bytes"
	"iter"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const maxWord = 48 // bytes of a folded word that count

// letters that do not decompose into a base letter and marks
var plain = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ø': "o", 'Ø': "o", 'đ': "d", 'Đ': "d",
	'ð': "d", 'Ð': "d", 'ħ': "h", 'Ħ': "h", 'ł': "l", 'Ł': "l", 'þ': "th", 'Þ': "th", 'ı': "i", 'ŋ': "n", 'Ŋ': "n",
	'ŧ': "t", 'Ŧ': "t", 'ς': "σ",
}

// wordsOf yields the folded words of a text: runs of letters and digits in lower case, without
// diacritics. A word keeps the pluses or the sharp sign that end it, as in C++ and C#. The bytes are good
// until the next word.
func wordsOf(text string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		word := make([]byte, 0, maxWord)
		flush := func() bool {
			if len(word) == 0 {
				return true
			}
			w := cut(word)
			word = word[:0]
			return yield(w)
		}
		for len(text) > 0 {
			r, size := utf8.DecodeRuneInString(text)
			switch {
			case r < utf8.RuneSelf:
				if !ascii(byte(r), &word) && !flush() {
					return
				}
			default:
				n := norm.NFKD.NextBoundaryInString(text, true)
				size = max(n, size)
				if !fold(text[:size], &word) && !flush() {
					return
				}
			}
			text = text[size:]
		}
		flush()
	}
}

// ascii appends a byte of a word; false means that the word ended before it.
func ascii(c byte, word *[]byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
	case c >= 'A' && c <= 'Z':
		c |= 0x20
	case (c == '+' || c == '#') && len(*word) > 0:
	default:
		return false
	}
	*word = append(*word, c)
	return true
}

// fold appends what is left of one normalisation segment; false means that it holds no letter or digit.
func fold(segment string, word *[]byte) bool {
	kept := false
	for _, r := range norm.NFKD.String(segment) {
		if s, ok := plain[r]; ok {
			*word, kept = append(*word, s...), true
			continue
		}
		switch {
		case unicode.Is(unicode.Mn, r):
			kept = kept || len(*word) > 0
		case unicode.IsLetter(r), unicode.IsDigit(r):
			r = unicode.ToLower(r)
			if s, ok := plain[r]; ok {
				*word = append(*word, s...)
			} else {
				*word = utf8.AppendRune(*word, r)
			}
			kept = true
		}
	}
	return kept
}

// cut bounds a word at a rune.
func cut(word []byte) []byte {
	if len(word) <= maxWord {
		return word
	}
	return bytes.ToValidUTF8(word[:maxWord], nil)
}
