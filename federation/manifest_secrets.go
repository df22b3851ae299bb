package federation

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// access judges whether a node could open the source.
func (e *entryCheck) access() {
	auth := e.spec.Auth
	e.useless(auth.Type)
	if e.spec.Unusable != "" || auth.Type == "none" {
		return
	}
	if auth.Type != "httpsig" && strings.HasPrefix(strings.ToLower(e.spec.Path), "http:") {
		e.refuse("/path", "credentials are sent over https only", "serve the source over https")
	}
	switch auth.Type {
	case "httpheader":
		e.secret(auth, "value")
	case "oauth2.0":
		e.token(auth)
	}
}

// useless reports keys that belong to another kind of access control.
func (e *entryCheck) useless(kind string) {
	object, _ := follow(e.object, e.where+"/auth").(map[string]any)
	uses, known := authUses[kind]
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if known && key != "type" && slices.Contains(authKeys.all(), key) && !slices.Contains(uses, key) {
			e.note(e.where+"/auth/"+key, "has no meaning for "+kind, "remove it")
		}
	}
}

func (e *entryCheck) token(auth Auth) {
	endpoint := auth.Params["token_endpoint"]
	if !strings.HasPrefix(strings.ToLower(endpoint), "https:") {
		e.refuse("/auth/token_endpoint", "credentials are sent over https only", "write an absolute https URL")
	} else if e.Unreachable != nil {
		if why := e.Unreachable(endpoint); why != "" {
			e.refuse("/auth/token_endpoint", "nodes do not ask this address: "+why, "write a public address, on port 443")
		}
	}
	if auth.Params["client_id"] == "" && !auth.has("client_secret") {
		e.note(e.where+"/auth", "no client_id and client_secret", "hand them to the operator of each node that is to read the source")
	}
	e.secret(auth, "client_secret")
}

func (e *entryCheck) secret(auth Auth, name string) {
	if e.Secret == nil || !auth.has(name) {
		return
	}
	for _, p := range e.Secret(auth, name) {
		if p.Severity == ManifestViolation {
			e.refuse("/auth"+p.Where, p.Message, p.Fix)
			continue
		}
		p.Where = e.where + "/auth" + p.Where
		e.say(p)
	}
}

const hideSecret = "everybody can read a manifest; ask for the key in a header, and give it under auth as httpheader, encrypted (coursemesh key encrypt)"

// openSecrets reports keys that stand in the clear where everybody can read them.
func (e *entryCheck) openSecrets() {
	for _, key := range []string{"/headers", "/queryParameters", "/parameters"} {
		given, _ := follow(e.object, e.where+key).(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(given)) {
			if secretName.MatchString(name) {
				e.warn(pointer(e.where+key, name), "looks like a secret, in the clear", hideSecret)
			}
		}
	}
	if u, err := url.Parse(e.spec.Path); err == nil {
		if name := secretParameter(u); name != "" {
			e.warn(e.where+"/path", "the address holds what looks like a secret ("+name+"), in the clear", hideSecret)
		}
	}
}
