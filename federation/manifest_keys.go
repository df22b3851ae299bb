package federation

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// manifestKeys are the keys of one kind of object. Those that may be shown with their values are open.
type manifestKeys struct {
	what   string            // they belong to
	open   []string          // read, and no secret
	closed []string          // read; objects, or what may hold a secret
	meant  map[string]string // other names for them that people write, in lower case
}

func (k manifestKeys) all() []string { return slices.Concat(k.open, k.closed) }

// The one table of what nodes read. The first four keys of meta are QualityLink's; name is for people alone.
var (
	topKeys = manifestKeys{
		what: "a manifest", open: []string{"withdrawn", "$schema"}, closed: []string{"sources", "meta", "publishers", "delegates"},
		meant: map[string]string{"endpoints": "sources", "catalogues": "sources", "provider": "meta", "institution": "meta"},
	}
	metaKeys = manifestKeys{
		what: "meta", open: []string{"schac", "eterid", "deqarid", "did", "name"},
		meant: map[string]string{"domain": "schac", "schachomeorganization": "schac", "eter": "eterid", "orgreg": "eterid", "deqar": "deqarid"},
	}
	sourceKeyNames = manifestKeys{
		what:   "a source",
		open:   []string{"type", "path", "version", "id", "name", "refresh", "contentType", "pageSize", "licence", "license", "credit", "attribution"},
		closed: []string{"auth", "headers", "queryParameters", "parameters"},
		meant: map[string]string{
			"url": "path", "uri": "path", "href": "path", "endpoint": "path", "address": "path", "location": "path", "link": "path", "file": "path",
			"standard": "type", "format": "type", "kind": "type", "authentication": "auth", "authorization": "auth", "authorisation": "auth", "access": "auth",
			"security": "auth", "query": "queryParameters", "params": "queryParameters", "mediatype": "contentType", "mimetype": "contentType",
			"limit": "pageSize", "title": "name", "label": "name", "interval": "refresh", "identifier": "id",
		},
	}
	authKeys = manifestKeys{
		what: "access control", open: []string{"field", "token_endpoint", "scope", "client_id", "alg"},
		closed: []string{"type", "value", "values", "client_secret", "client_secrets"},
		meant: map[string]string{
			"header": "field", "headername": "field", "headerfield": "field", "key": "value", "secret": "value", "token": "value", "password": "value",
			"apikey": "value", "tokenurl": "token_endpoint", "tokenuri": "token_endpoint", "tokenendpoint": "token_endpoint", "endpoint": "token_endpoint",
			"clientid": "client_id", "clientsecret": "client_secret", "algorithm": "alg", "method": "type",
		},
	}
)

// authUses are the keys that each kind of access control reads beside type.
var authUses = map[string][]string{
	"none": {}, "httpheader": {"field", "value", "values"}, "httpsig": {"alg"},
	"oauth2.0": {"token_endpoint", "scope", "client_id", "client_secret", "client_secrets"},
}

// keysAt are the keys of the object at a place; false where any name may stand.
func keysAt(where string) (manifestKeys, bool) {
	parts := strings.Split(where, "/")
	inSource := len(parts) > 2 && parts[1] == "sources"
	switch {
	case where == "":
		return topKeys, true
	case where == "/meta":
		return metaKeys, true
	case inSource && len(parts) == 3:
		return sourceKeyNames, true
	case inSource && len(parts) == 4 && parts[3] == "auth":
		return authKeys, true
	}
	return manifestKeys{}, false
}

// keys reports what nobody reads, which is mostly misspelt.
func (c *manifestCheck) keys() {
	c.unknown("", c.object)
	c.unknown("/meta", c.object["meta"])
	items, _ := c.object["sources"].([]any)
	for i, item := range items[:min(len(items), manifestSources)] {
		where := "/sources/" + strconv.Itoa(i)
		c.unknown(where, item)
		if source, ok := item.(map[string]any); ok {
			c.unknown(where+"/auth", source["auth"])
		}
	}
}

func (c *manifestCheck) unknown(where string, v any) {
	object, ok := v.(map[string]any)
	keys, _ := keysAt(where)
	if !ok {
		return
	}
	names := keys.all()
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if slices.Contains(names, key) {
			continue
		}
		if c.strange++; c.strange > manifestProblems {
			c.report(where, "more unknown keys than are looked at", "correct the others first")
			return
		}
		place := pointer(where, key)
		meant := keys.nearest(key)
		if meant == "value" && object["token_endpoint"] != nil { // what is secret there is the client's
			meant = "client_secret"
		}
		if _, taken := object[meant]; meant == "" || taken {
			c.note(place, fmt.Sprintf("%q is no key of %s, and nodes pass over it", clip(key), keys.what), "leave it out, unless it is there for other readers")
			continue
		}
		c.report(place, fmt.Sprintf("%q is no key of %s, and nodes pass over it; it may be meant as %s", clip(key), keys.what, meant), "rename it to "+meant)
	}
}

// nearest is the key that a name may be meant as, "" when none is near.
func (k manifestKeys) nearest(name string) string {
	bare := punctuation.ReplaceAllString(strings.ToLower(name), "")
	for _, key := range k.all() {
		if punctuation.ReplaceAllString(strings.ToLower(key), "") == bare {
			return key
		}
	}
	if meant, ok := k.meant[bare]; ok {
		return meant
	}
	return Closest(name, k.all())
}
