package federation

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// standards that nodes read, in words and by major version.
var standards = map[string]struct {
	name   string
	majors []int
}{
	"elm": {"European Learning Model", []int{3}}, "ooapi": {"Open Education API", []int{5, 6}},
	"edu-api": {"Edu-API", []int{1}}, "occapi": {"Online Course Catalogue API", []int{1, 2}},
}

// entries judges all sources, also those that are left out: once mended, they are not to show further faults.
func (c *manifestCheck) entries() {
	c.seen = []ManifestEntry{}
	for _, r := range c.read {
		e := &entryCheck{manifestCheck: c, spec: r.spec, where: r.where}
		if entry := e.judge(); r.kept {
			c.seen = append(c.seen, entry)
		}
	}
}

// entryCheck judges one source.
type entryCheck struct {
	*manifestCheck
	spec  ManifestSource
	where string
	stop  string // why nodes do not ask for it
}

// refuse is for what keeps nodes from asking.
func (e *entryCheck) refuse(key, message, fix string) {
	e.report(e.where+key, message, fix)
	e.stop = cmp.Or(e.stop, message)
}

func (e *entryCheck) judge() ManifestEntry {
	e.stop = e.spec.Unusable
	if e.spec.Type != "" {
		e.standard()
	}
	e.hours()
	e.location()
	e.access()
	e.openSecrets()
	s := e.spec
	out := ManifestEntry{
		ID: clip(s.ID), Name: clip(s.Name), Type: s.Type, Version: clip(s.Version), Standard: strings.TrimSpace(standards[s.Type].name + " " + clip(s.Version)),
		Path: shownURL(s.Path), Auth: s.Auth.Type, Fetched: e.stop == "" && !e.manifest.Withdrawn, Reason: e.stop,
	}
	if _, known := authUses[out.Auth]; !known {
		out.Auth = "unknown"
	}
	if e.manifest.Withdrawn {
		out.Reason = cmp.Or(out.Reason, "the manifest is withdrawn")
	}
	return out
}

var versionInPath = regexp.MustCompile(`/v(\d+)(?:[/.]|$)`)

// standard compares the version with those that are read, and with what the address says.
func (e *entryCheck) standard() {
	known, major := standards[e.spec.Type], e.spec.Major()
	switch {
	case e.spec.Version == "":
	case major == 0:
		e.warn(e.where+"/version", "no number", "write the version of the standard, such as "+strconv.Itoa(known.majors[len(known.majors)-1]))
	case !slices.Contains(known.majors, major):
		e.report(e.where+"/version", fmt.Sprintf("nodes do not read version %d of %s; they try as if it were another", major, e.spec.Type), "offer version "+words(known.majors))
	}
	u, err := url.Parse(e.spec.Path)
	if err != nil {
		return
	}
	said := versionInPath.FindStringSubmatch(u.Path)
	if (e.spec.Type == "ooapi" || e.spec.Type == "occapi") && said != nil && major != 0 && said[1] != strconv.Itoa(major) {
		e.warn(e.where+"/version", "the path says version "+said[1], "make version and path agree")
	}
	if e.spec.Type == "occapi" && u.Host != "" && !strings.Contains(u.Path, "/hei/") {
		e.warn(e.where+"/path", "not the address of an institution in OCCAPI", "write the address that ends in /hei/ and the institution's id")
	}
}

// hours: the reader shortens overlong times without a word.
func (e *entryCheck) hours() {
	text, _ := textOf(follow(e.object, e.where+"/refresh"))
	if n, err := strconv.ParseFloat(text, 64); err == nil && n > maxRefresh {
		e.warn(e.where+"/refresh", fmt.Sprintf("more than a year, read as %d hours", int(maxRefresh)), "write hours")
	}
}

func words(majors []int) string {
	var texts []string
	for _, n := range majors {
		texts = append(texts, strconv.Itoa(n))
	}
	return strings.Join(texts, " or ")
}

// location judges the address, also one under another name.
func (e *entryCheck) location() {
	if e.spec.Path != "" {
		e.address("/path", e.spec.Path)
		return
	}
	object, _ := follow(e.object, e.where).(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if text, _ := textOf(object[key]); key != "path" && sourceKeyNames.nearest(key) == "path" && checkURL(text) == nil {
			e.address(pointer("", key), text)
		}
	}
}

// address judges what a node would ask.
func (e *entryCheck) address(key, text string) {
	u, err := url.Parse(text)
	if err != nil {
		return // the reader has refused it
	}
	if u.Scheme == "http" {
		e.warn(e.where+key, "http: anybody on the way can read and change what is sent", "serve it over https, and write https")
	}
	if e.Unreachable != nil {
		if why := e.Unreachable(text); why != "" {
			e.refuse(key, "nodes do not ask this address: "+why, "write a public address, on port 443")
			return
		}
	}
	own, ownErr := RegistrableDomain(e.provider())
	other, otherErr := RegistrableDomain(u.Hostname())
	if ownErr == nil && otherErr == nil && own != other {
		e.note(e.where+key, "on another domain ("+other+") than the institution's ("+own+")", "make sure that it is the institution's source; nothing is to be done if it is")
	}
}
