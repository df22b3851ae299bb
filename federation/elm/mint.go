package elm

import "strings"

// Prefixes of the identifiers that name a course by its institution's SCHAC domain.
const (
	urnCourse    = "urn:schac:uniqueCourseId:"
	urnCourseOld = "urn:schac:courseId:" // in older examples
	didWeb       = "did:web:"
	didCourse    = ":courseId:"
)

// Mint returns urn:schac:uniqueCourseId:<provider>:<source id>, percent-encoded (upper-case hex, all but unreserved characters).
func Mint(provider, sourceID string) string {
	return urnCourse + escape(provider) + ":" + escape(sourceID)
}

// MintOffering returns <subject>:offering:<id>, id percent-encoded.
func MintOffering(subject, id string) string { return subject + ":offering:" + escape(id) }

// MintComponent returns <subject>:component:<id>, id percent-encoded: an assessment or activity of the course.
func MintComponent(subject, id string) string { return subject + ":component:" + escape(id) }

// escape percent-encodes all but the unreserved characters of RFC 3986 section 2.3.
func escape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		c := s[i]
		if isAlnum(c) || c == '-' || c == '.' || c == '_' || c == '~' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// alternates lists the other spellings of a course identifier that names a SCHAC domain: URN and
// DID convert into each other one to one. The local id may hold colons and is taken as it stands.
func alternates(iri string) []string {
	domain, local, ok := CourseID(iri)
	if !ok {
		return nil
	}
	var out []string
	for _, form := range []string{urnCourse + domain + ":" + local, didWeb + domain + didCourse + local} {
		if form != iri {
			out = append(out, form)
		}
	}
	return out
}

// CourseID takes the SCHAC domain, in lower case, and the local id out of a course identifier in its URN or
// DID form, older ones included; the local id may hold colons and stays as it is.
func CourseID(iri string) (domain, local string, ok bool) {
	for _, prefix := range []string{urnCourse, urnCourseOld} {
		if len(iri) > len(prefix) && strings.EqualFold(iri[:len(prefix)], prefix) {
			domain, local, _ = strings.Cut(iri[len(prefix):], ":")
			return strings.ToLower(domain), local, domain != "" && local != ""
		}
	}
	rest, ok := strings.CutPrefix(iri, didWeb)
	if !ok {
		return "", "", false
	}
	domain, local, _ = strings.Cut(rest, didCourse)
	return strings.ToLower(domain), local, domain != "" && local != "" && !strings.Contains(domain, ":")
}
