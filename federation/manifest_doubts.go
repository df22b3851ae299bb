package federation

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Forms of the identifiers that meta gives beside the SCHAC code.
var (
	eterForm = regexp.MustCompile(`^[A-Z]{2}\d{4}$`)
	didForm  = regexp.MustCompile(`^did:[a-z0-9]+:.+$`)
)

// identity: the domain where a manifest is found decides whose it is; what it says itself shows when the two differ.
func (c *manifestCheck) identity() {
	meta := c.manifest.Meta
	schac, err := NormaliseDomain(meta["schac"])
	if meta["schac"] != "" && err != nil {
		c.warn("/meta/schac", "not a domain", "write the domain alone, such as uni.example")
	}
	_, number := deqarID(meta["deqarid"])
	if meta["deqarid"] != "" && !number {
		c.warn("/meta/deqarid", "not the number of an institution in DEQAR", "write it like DEQARINST0815")
	}
	if eter := meta["eterid"]; eter != "" && !eterForm.MatchString(eter) {
		c.warn("/meta/eterid", "not an id of ETER", "write two capital letters and four digits, such as XX0042")
	}
	if did := meta["did"]; did != "" && !didForm.MatchString(did) {
		c.warn("/meta/did", "not a decentralised identifier", "write it like did:web:uni.example")
	}
	switch {
	case c.provider() == "":
		c.warn("/meta", "nothing says which institution this is", `add meta with schac, the institution's domain, or deqarid`)
	case err == nil && c.Provider != "" && schac != c.Provider:
		c.warn("/meta/schac", "another institution than "+c.Provider+", for which the manifest is read", "write "+c.Provider+", or publish the manifest at "+schac)
	case meta["schac"] == "" && meta["deqarid"] == "":
		c.note("/meta", "the institution's identifier is missing; where the manifest is found decides", "add meta with schac, the institution's domain")
	}
}

// publishing is about whom the domain lets publish.
func (c *manifestCheck) publishing() {
	m := c.manifest
	switch {
	case m.Publishers == nil && !m.Withdrawn:
		c.note("", "no publishers: what nodes harvest counts only if an alliance of the institution publishes it", "add publishers with the id that the node's operator gives you (coursemesh key show)")
	case m.Publishers != nil && len(*m.Publishers) == 0 && isEmptyList(c.object["publishers"]):
		c.note("/publishers", "the list is empty, so nobody may publish for the institution", "leave the key out if an alliance may")
	case m.Publishers != nil && c.Self != "" && !slices.Contains(*m.Publishers, c.Self):
		c.note("/publishers", "this node ("+string(c.Self)+") is not among them", "add it if it is to publish")
	}
	c.repeated("publishers", func(text string) (string, bool) { return text, PublisherID(text).Valid() })
	c.repeated("delegates", func(text string) (string, bool) {
		id, err := NormaliseDomain(text)
		return id, err == nil
	})
	c.sharedDelegates()
	if m.Withdrawn && len(m.Sources)+m.LeftOut > 0 {
		c.warn("/withdrawn", "everything is taken down, and no source is read", "take withdrawn out to be read again")
	}
	if c.Unheard != "" && (m.Publishers != nil || len(m.Delegates) > 0 || m.Withdrawn) {
		c.warn("", "publishers, delegates and withdrawn are not read from here: "+c.Unheard, "publish the manifest at https://"+cmp.Or(c.provider(), "DOMAIN")+"/.well-known/quality-link-manifest")
	}
}

func isEmptyList(v any) bool {
	list, ok := v.([]any)
	return ok && len(list) == 0
}

// repeated reports what a list names twice.
func (c *manifestCheck) repeated(key string, read func(string) (string, bool)) {
	items, _ := c.object[key].([]any)
	first := map[string]int{}
	for i, item := range items {
		text, _ := item.(string)
		id, ok := read(strings.TrimSpace(text))
		if !ok {
			continue
		}
		if at, twice := first[id]; twice {
			c.warn(fmt.Sprintf("/%s/%d", key, i), fmt.Sprintf("named at /%s/%d too", key, at), "remove one")
			continue
		}
		first[id] = i
	}
}

// sharedDelegates: a domain that many institutions share must not speak for one of them.
func (c *manifestCheck) sharedDelegates() {
	items, _ := c.object["delegates"].([]any)
	for i, item := range items {
		text, _ := item.(string)
		id, err := NormaliseDomain(text)
		if err != nil {
			continue
		}
		where := "/delegates/" + strconv.Itoa(i)
		if _, err := RegistrableDomain(id); err != nil {
			c.warn(where, "under this name anybody can have a domain", "write the domain of the institution or alliance itself")
		}
		if id == c.provider() {
			c.note(where, "the institution's own domain, which may list its courses anyway", "remove it")
		}
	}
}
