package portal

import (
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
	"golang.org/x/net/html"
)

// functions of the templates.
func (p *Portal) functions() template.FuncMap {
	return template.FuncMap{
		"web": web, "plain": plain, "label": label, "class": className, "class_help": classHelp, "named": named, "number": number,
		"date": date, "moment": moment, "language": vocabulary.LanguageLabel, "country": vocabulary.CountryLabel, "isced": vocabulary.ISCEDFLabel,
		"next_offering": func(c course.Course) *course.Offering { return nextOffering(c, p.site.Now()) },
		"short":         short, "path": url.PathEscape, "href": courseLink, "text": textOf, "thousands": thousands,
		"said": said, "percent": percent, "field": fieldOf,
	}
}

// percent of a whole.
func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(whole, 1)) }

// Text is a text with its language, for the lang attribute.
type Text struct{ Value, Lang string }

// textOf picks English, else what there is.
func textOf(t course.Text) Text {
	value, tag := course.Choose(t)
	return Text{plain(value), tag}
}

// web is the address if it is an absolute one of http or https, else "".
func web(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return ""
	}
	return u.String()
}

// blocks are elements after which plain text needs a line break.
var blocks = map[string]bool{
	"p": true, "br": true, "div": true, "li": true, "ul": true, "ol": true, "tr": true,
	"h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true,
}

// plain takes markup out of a text; what is left is escaped by the template like any other text.
func plain(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	var b strings.Builder
	skip := ""
	for z := html.NewTokenizer(strings.NewReader(s)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return strings.TrimSpace(b.String())
		}
		token := z.Token()
		switch {
		case skip != "":
			if kind == html.EndTagToken && token.Data == skip {
				skip = ""
			}
		case kind == html.TextToken:
			b.WriteString(token.Data)
		case kind == html.StartTagToken && (token.Data == "script" || token.Data == "style"):
			skip = token.Data
		case blocks[token.Data] && !strings.HasSuffix(b.String(), "\n"):
			b.WriteByte('\n')
		}
	}
}

// label of a concept id in a vocabulary.
func label(name, id string) string {
	if c, ok := vocabulary.Find(name, id); ok {
		return c.Label
	}
	return id
}

func className(c federation.Class) string {
	switch c {
	case federation.Delegated:
		return "confirmed by the institution"
	case federation.Member:
		return "trusted by this node"
	case federation.AllianceClass:
		return "published by its alliance"
	case federation.Authoritative:
		return "from an authority"
	case federation.Local:
		return "seen by this node only"
	}
	return "not verified"
}

func classHelp(c federation.Class) string {
	switch c {
	case federation.Delegated:
		return "The manifest on the institution's own domain names the publisher."
	case federation.Member:
		return "The operator of this node trusts the publisher for this domain."
	case federation.AllianceClass:
		return "The institution's alliance, which names the publisher, speaks for it."
	case federation.Authoritative:
		return "The operator of this node trusts the publisher as an authority for such institutions."
	case federation.Local:
		return "This node harvested the course itself; nobody has said that it may publish it, so other nodes do not show it."
	}
	return "Nobody has said that the publisher may speak for this domain."
}

// named says how many publishers a manifest lists.
func named(publishers *[]federation.PublisherID) string {
	switch {
	case publishers == nil:
		return "names nobody"
	case len(*publishers) == 0:
		return "lets nobody publish"
	}
	return fmt.Sprintf("names %d", len(*publishers))
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func thousands(n any) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// date shows a date or date-time as 1 March 2027, and as it is when it is none.
func date(s string) string {
	if len(s) < len(time.DateOnly) {
		return s
	}
	t, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)])
	if err != nil {
		return s
	}
	return t.Format("2 January 2006")
}

// moment is date with the time of the day, of a date-time in RFC 3339.
func moment(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return date(s)
	}
	return t.UTC().Format("2 January 2006, 15:04 UTC")
}

// nextOffering is the first one that starts today or later, nil when there is none.
func nextOffering(c course.Course, now time.Time) *course.Offering {
	today := now.Format(time.DateOnly)
	var next *course.Offering
	for i, o := range c.Offerings {
		if len(o.Start) >= len(today) && o.Start[:len(today)] >= today && (next == nil || o.Start < next.Start) {
			next = &c.Offerings[i]
		}
	}
	return next
}

// short keeps the beginning and the end of an identifier.
func short(s string) string {
	if len(s) <= 20 {
		return s
	}
	return s[:8] + "…" + s[len(s)-8:]
}

func courseLink(c course.Course) string {
	return "/courses/" + url.PathEscape(c.ID) + "?provider=" + url.QueryEscape(c.Provider)
}
