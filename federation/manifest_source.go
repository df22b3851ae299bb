package federation

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

const maxSourceText = 2 << 10 // path, id, name

// sources reads the list, leaving out entries that no harvest could use and those whose key is taken.
func (r *manifestReader) sources(v any) []ManifestSource {
	if v == nil {
		return nil
	}
	items, ok := v.([]any)
	if !ok {
		r.report("/sources", kindOf(v)+" where a list belongs, ignored", "write sources as a list")
		return nil
	}
	if len(items) == 0 {
		r.report("/sources", "the list is empty", "add a source, or withdrawn: true to take everything down")
	}
	if len(items) > manifestSources {
		r.report("/sources", fmt.Sprintf("more than %d sources, the rest is ignored", manifestSources), "merge sources")
		items = items[:manifestSources]
	}
	seen := sourceKeys{keys: map[string]string{}, paths: map[string]string{}}
	var sources []ManifestSource
	for i, item := range items {
		where := "/sources/" + strconv.Itoa(i)
		s, ok := r.source(where, item)
		if ok = ok && seen.admit(r, where, &s); ok {
			sources = append(sources, s)
		}
		r.read = append(r.read, readSource{where, s, ok})
	}
	r.leftOut = len(items) - len(sources)
	return sources
}

// readSource is an entry as it was read, also one that is left out.
type readSource struct {
	where string
	spec  ManifestSource
	kept  bool
}

// sourceKeys remembers where a key and a path were first used.
type sourceKeys struct{ keys, paths map[string]string }

// admit keeps keys unique: a repeated id gives way to the path, a repeated key leaves the source out.
func (k sourceKeys) admit(r *manifestReader, where string, s *ManifestSource) bool {
	if first, taken := k.keys[s.Key()]; taken && s.ID != "" {
		r.report(where+"/id", "the id is used at "+first+" too, the path stands in for it", "give every source its own id")
		s.ID = ""
	}
	if first, taken := k.keys[s.Key()]; taken {
		r.report(where, "the same source as "+first+", left out", "give every source its own id, or remove one")
		return false
	}
	if first, taken := k.paths[s.Path]; taken {
		r.warn(where+"/path", "the path is used at "+first+" too", "remove one, unless they differ in queryParameters")
	} else {
		k.paths[s.Path] = where
	}
	k.keys[s.Key()] = where
	return true
}

// source reads one entry; false means that it is left out, which has been reported. What else is wrong with it is
// reported all the same.
func (r *manifestReader) source(where string, v any) (ManifestSource, bool) {
	object, ok := v.(map[string]any)
	if !ok {
		r.report(where, kindOf(v)+" where a source belongs, left out", "write an object with type and path")
		return ManifestSource{}, false
	}
	var s ManifestSource
	typeOK := r.sourceType(where, object, &s)
	pathOK := r.sourcePath(where, object, &s)
	s.ID = r.shortText(where+"/id", object["id"])
	s.Name = r.shortText(where+"/name", object["name"])
	s.Refresh = r.refresh(where+"/refresh", object["refresh"])
	s.Headers = r.headers(where+"/headers", object["headers"])
	s.QueryParameters = r.queryParameters(where, object)
	if typeOK {
		s.ContentType = r.contentType(where+"/contentType", s.Type, object["contentType"])
		s.PageSize = r.pageSize(where+"/pageSize", s.Type, object["pageSize"])
	}
	s.Licence = Licence(r.shortText(where+"/licence", firstOf(object, "licence", "license")))
	s.Credit = r.shortText(where+"/credit", firstOf(object, "credit", "attribution"))
	s.Auth, s.Unusable = r.auth(where+"/auth", object["auth"])
	return s, typeOK && pathOK
}

var (
	punctuation  = regexp.MustCompile(`[\s_./-]+`)
	typeSpelling = regexp.MustCompile(`^(elm|ooapi|oeapi|eduapi|occapi)(?:v?(\d+))?$`)
	typeNames    = map[string]string{"elm": "elm", "ooapi": "ooapi", "oeapi": "ooapi", "eduapi": "edu-api", "occapi": "occapi"}
)

// sourceType regularises case and punctuation, and takes a version out of spellings such as "OOAPI v5".
func (r *manifestReader) sourceType(where string, object map[string]any, s *ManifestSource) bool {
	given := r.text(where+"/type", object["type"])
	spelling := typeSpelling.FindStringSubmatch(punctuation.ReplaceAllString(strings.ToLower(given), ""))
	if spelling == nil {
		message := fmt.Sprintf("the type %q is unknown, the source is left out", clip(given))
		if given == "" {
			message = "no type, the source is left out"
		}
		r.report(where+"/type", message, "write elm, ooapi, edu-api or occapi")
		return false
	}
	s.Type = typeNames[spelling[1]]
	if given != s.Type && strings.ToLower(given) != s.Type {
		r.warn(where+"/type", fmt.Sprintf("the type %q is read as %s", clip(given), s.Type), "write "+s.Type)
	}
	r.sourceVersion(where+"/version", object["version"], spelling, s)
	return true
}

func (r *manifestReader) sourceVersion(where string, v any, spelling []string, s *ManifestSource) {
	s.Version = r.shortText(where, v)
	if s.Version == "" {
		s.Version = spelling[2]
	}
	if s.Version == "" && spelling[1] == "oeapi" {
		s.Version = "6"
	}
	if s.Version == "" && s.Type != "occapi" {
		r.warn(where, "no version", "write the version of the standard, such as "+map[string]string{"elm": "3.2", "ooapi": "5", "edu-api": "1.0"}[s.Type])
	}
}

func (r *manifestReader) sourcePath(where string, object map[string]any, s *ManifestSource) bool {
	text := r.text(where+"/path", object["path"])
	if text == "" {
		fix := "write the URL of the file or API"
		if _, named := object["url"]; named {
			fix = "rename url to path"
		}
		r.report(where+"/path", "no path, the source is left out", fix)
		return false
	}
	path, fragment, cut := strings.Cut(text, "#")
	if err := checkURL(path); err != nil {
		r.report(where+"/path", err.Error()+", the source is left out", "write an absolute https URL")
		return false
	}
	if cut {
		r.warn(where+"/path", fmt.Sprintf("the fragment %q is dropped", clip(fragment)), "remove it, a server never sees it")
	}
	s.Path = path
	return true
}

// checkURL accepts absolute http and https URLs without credentials, which would end up in public source ids.
func checkURL(text string) error {
	if len(text) > maxSourceText {
		return fmt.Errorf("longer than %d characters", maxSourceText)
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c == '\\' }):
		return fmt.Errorf("not a URL")
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return fmt.Errorf("not an absolute http or https URL")
	case u.User != nil:
		return fmt.Errorf("a URL with a user name or password in it")
	}
	return nil
}

// firstOf is the value of the first of the keys that the object has.
func firstOf(object map[string]any, keys ...string) any {
	for _, key := range keys {
		if v, ok := object[key]; ok {
			return v
		}
	}
	return nil
}

// shortText is for labels and ids: overlong ones are dropped.
func (r *manifestReader) shortText(where string, v any) string {
	text := r.text(where, v)
	if len(text) > maxSourceText {
		r.report(where, fmt.Sprintf("longer than %d characters, ignored", maxSourceText), "shorten it")
		return ""
	}
	return text
}

// clip keeps foreign text in messages short.
func clip(text string) string {
	const most = 60
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}
