package federation

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ManifestFinding is one thing that is wrong or doubtful in a manifest, in the shape of a finding about a course.
type ManifestFinding struct {
	Severity string `json:"severity" enum:"violation,warning,info"`
	Subject  string `json:"subject" doc:"The source that it is about: its id, else its path; empty for the manifest itself"`
	Property string `json:"property" doc:"The key, with those above it within the source: auth.field"`
	Value    string `json:"value,omitempty" doc:"As the manifest has it, cut short; never what may be a secret"`
	Message  string `json:"message"`
	Fix      string `json:"fix"`
	Where    string `json:"where" doc:"Line and JSON pointer"`
	Line     int    `json:"line,omitempty" doc:"From 1"`
	Pointer  string `json:"pointer" doc:"JSON pointer (RFC 6901); empty for the manifest itself"`
}

func (c *manifestCheck) finding(p ManifestProblem) ManifestFinding {
	line := cmp.Or(p.Line, c.lines.find(p.Where))
	return ManifestFinding{
		Severity: p.Severity, Subject: c.subject(p.Where), Property: propertyOf(p.Where), Value: c.value(p.Where),
		Message: p.Message, Fix: p.Fix, Where: placeText(line, p.Where), Line: line, Pointer: p.Where,
	}
}

func placeText(line int, where string) string {
	if where == "" {
		where = "the document"
	}
	if line == 0 {
		return where
	}
	return fmt.Sprintf("line %d, %s", line, where)
}

// subject names the source that a place lies in.
func (c *manifestCheck) subject(where string) string {
	parts := strings.SplitN(where, "/", 4)
	if len(parts) < 3 || parts[1] != "sources" {
		return ""
	}
	source, _ := follow(c.object, "/sources/"+parts[2]).(map[string]any)
	if id, _ := textOf(source["id"]); id != "" {
		return clip(id)
	}
	path, _ := textOf(source["path"])
	return shownURL(path)
}

// propertyOf drops what tells which source, and which item of a list.
func propertyOf(where string) string {
	parts := strings.Split(strings.TrimPrefix(where, "/"), "/")
	if len(parts) > 2 && parts[0] == "sources" {
		parts = parts[2:]
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { _, err := strconv.Atoi(s); return err == nil })
	return pointerNames.Replace(strings.Join(parts, "."))
}

var pointerNames = strings.NewReplacer("~1", "/", "~0", "~")

// follow is the value at a JSON pointer, nil when there is none.
func follow(v any, where string) any {
	if where == "" {
		return v
	}
	for part := range strings.SplitSeq(where[1:], "/") {
		switch inner := v.(type) {
		case map[string]any:
			v = inner[pointerNames.Replace(part)]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(inner) {
				return nil
			}
			v = inner[i]
		default:
			return nil
		}
	}
	return v
}

// authWord is what a type of access control may look like; people put whole tokens there.
var authWord = regexp.MustCompile(`^[A-Za-z0-9 ._-]{1,16}$`)

// value is what may be shown of the value at a place.
func (c *manifestCheck) value(where string) string {
	i := strings.LastIndexByte(where, '/')
	if i < 0 {
		return ""
	}
	text, _ := textOf(follow(c.object, where))
	above, key := where[:i], where[i+1:]
	keys, known := keysAt(above)
	switch {
	case above == "/publishers", above == "/delegates":
	case keys.what == authKeys.what && key == "type" && authWord.MatchString(text):
	case !known || !slices.Contains(keys.open, key):
		return ""
	}
	if strings.Contains(text, "://") || key == "path" || key == "token_endpoint" {
		return shownURL(text)
	}
	return clip(text)
}

// secretName is a name of headers and parameters whose values are mostly secrets.
var secretName = regexp.MustCompile(`(?i)^auth$|auth[-_]|[-_]auth|authori[sz]ation|token|secret|passw|pwd|api[-_]?key|subscription|cookie|credential|signature|^sig$|^key$|[-_]key$`)

// shownURL is an address without what may be a secret in it: user and password, and a query that names one.
func shownURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	if secretParameter(u) != "" {
		u.RawQuery = "..."
	}
	u.User = nil
	shown := u.String()
	if len(shown) > maxShownURL {
		shown = strings.ToValidUTF8(shown[:maxShownURL], "") + "..."
	}
	return shown
}

const maxShownURL = 200

// secretParameter is the first name in a query that stands for a secret.
func secretParameter(u *url.URL) string {
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err != nil || secretName.MatchString(plain) {
			return clip(plain)
		}
	}
	return ""
}
