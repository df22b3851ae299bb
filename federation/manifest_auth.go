package federation

import (
	"maps"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Limits of what one source may ask for: headers, secrets.
const (
	maxHeaders     = 50
	maxHeaderValue = 8 << 10

	maxSecrets = 200 // one for each node
)

// forbiddenHeaders frame the message, choose the host, or belong to the client's own bookkeeping.
var forbiddenHeaders = map[string]bool{
	"Host": true, "Content-Length": true, "Transfer-Encoding": true, "Connection": true, "Keep-Alive": true,
	"Te": true, "Trailer": true, "Upgrade": true, "Expect": true, "Content-Encoding": true, "Accept-Encoding": true,
	"Range": true, "If-Range": true, "If-Match": true, "If-None-Match": true, "If-Modified-Since": true,
	"If-Unmodified-Since": true, "Forwarded": true, "Http2-Settings": true,
}

func (r *manifestReader) headers(where string, v any) map[string]string {
	given := r.object(where, v)
	if len(given) == 0 {
		return nil
	}
	headers := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		place := pointer(where, key)
		name := textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(key))
		value := strings.Join(r.parameter(place, given[key]), ", ")
		if message, fix := headerFault(name, value); message != "" {
			r.report(place, message+", dropped", fix)
			continue
		}
		if _, twice := headers[name]; twice || len(headers) == maxHeaders {
			r.report(place, "the header is given twice or is one too many, dropped", "keep one of each name")
			continue
		}
		headers[name] = value
	}
	return headers
}

func headerFault(name, value string) (message, fix string) {
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		return "not a header name", "use letters, digits and hyphens"
	case forbiddenHeaders[name] || strings.HasPrefix(name, "Proxy-"):
		return "this header is not a source's to set", "remove it"
	case strings.ContainsAny(value, "\r\n"):
		return "a line break in a header value", "write it on one line"
	case !httpguts.ValidHeaderFieldValue(value) || len(value) > maxHeaderValue:
		return "not a header value", "use printable characters, at most 8 KiB"
	}
	return "", ""
}

// signatureAlgorithms are those that nodes sign with (docs/protocol.md, 'Signed requests').
var signatureAlgorithms = []string{"ed25519", "ecdsa-p256-sha256", "rsa-pss-sha512"}

// auth reads access control. The second value says why the source must not be fetched: sending no credentials, or
// wrong ones, where the institution asked for something else would only trip its alarms.
func (r *manifestReader) auth(where string, v any) (Auth, string) {
	var given string
	var params map[string]string
	switch v := v.(type) {
	case nil:
		return Auth{Type: "none"}, ""
	case string:
		given = v
		r.warn(where, "a text where an object belongs", `write {"type": ...}`)
	case map[string]any:
		params = r.authParams(where, v)
		given = params["type"]
		delete(params, "type")
		if given == "" {
			given = r.guessAuth(where, params)
		}
	default:
		return r.unusable(where, Auth{}, kindOf(v)+" where an object belongs", `write {"type": ...}`)
	}
	auth := Auth{Type: given, Params: params}
	switch punctuation.ReplaceAllString(strings.ToLower(given), "") {
	case "none":
		return Auth{Type: "none"}, ""
	case "httpheader":
		return r.headerAuth(where, auth)
	case "oauth2", "oauth20", "oauth":
		return r.oauthAuth(where, auth)
	case "httpsig":
		return r.signatureAuth(where, auth)
	}
	return r.unusable(where+"/type", auth, "this access control is unknown", "write none, httpheader, oauth2.0 or httpsig")
}

func (r *manifestReader) unusable(where string, auth Auth, message, fix string) (Auth, string) {
	r.report(where, message+", the source is not fetched", fix)
	return auth, message
}

// authParams flattens one level of objects.
func (r *manifestReader) authParams(where string, object map[string]any) map[string]string {
	params := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		place := pointer(where, key)
		inner, nested := object[key].(map[string]any)
		if !nested {
			if text := r.text(place, object[key]); text != "" {
				params[key] = text
			}
			continue
		}
		if len(inner) > maxSecrets {
			r.report(place, "more than "+strconv.Itoa(maxSecrets)+" values, ignored", "give one for each node, no more")
			continue
		}
		for name, text := range r.texts(place, inner) {
			params[key+"."+name] = text
		}
	}
	return params
}

// guessAuth: an object without type can mean only one thing when it holds that thing's parameters.
func (r *manifestReader) guessAuth(where string, params map[string]string) string {
	guess := "unknown"
	switch {
	case len(params) == 0:
		guess = "none"
	case params["token_endpoint"] != "":
		guess = "oauth2.0"
	case params["field"] != "" && params["value"] != "":
		guess = "httpheader"
	}
	r.warn(where, "no type, read as "+guess, "add type: none, httpheader, oauth2.0 or httpsig")
	return guess
}

// defaultAuthField is the header the QualityLink pilot falls back to.
const defaultAuthField = "X-Qualitylink-Auth"

func (r *manifestReader) headerAuth(where string, auth Auth) (Auth, string) {
	auth = auth.as("httpheader")
	field := auth.Params["field"]
	if field == "" {
		field = defaultAuthField
		r.warn(where+"/field", "no header name, read as "+field, "name the header that carries the secret")
	}
	auth.Params["field"] = textproto.CanonicalMIMEHeaderKey(field)
	if message, fix := headerFault(auth.Params["field"], ""); message != "" {
		return r.unusable(where+"/field", auth, message, fix)
	}
	if !auth.has("value") {
		r.warn(where+"/value", "no secret", "encrypt it with the node's public key, or hand it to the node's operator")
	}
	return auth, ""
}

func (r *manifestReader) oauthAuth(where string, auth Auth) (Auth, string) {
	if auth.Type != "oauth2.0" {
		r.warn(where+"/type", "the type is read as oauth2.0", "write oauth2.0")
	}
	auth = auth.as("oauth2.0")
	if err := checkURL(auth.Params["token_endpoint"]); err != nil {
		return r.unusable(where+"/token_endpoint", auth, "the token endpoint is "+err.Error(), "write an absolute https URL")
	}
	if (auth.Params["client_id"] == "") == auth.has("client_secret") {
		r.report(where, "client_id and client_secret belong together", "give both, or hand both to the node's operator")
	}
	return auth, ""
}

func (r *manifestReader) signatureAuth(where string, auth Auth) (Auth, string) {
	auth = auth.as("httpsig")
	if alg, given := auth.Params["alg"]; given && !slices.Contains(signatureAlgorithms, alg) {
		return r.unusable(where+"/alg", auth, "the signature algorithm is not one of those that nodes publish", "write one of "+strings.Join(signatureAlgorithms, ", "))
	}
	return auth, ""
}

// as settles the spelling of the type and makes Params writable.
func (a Auth) as(name string) Auth {
	if a.Params == nil {
		a.Params = map[string]string{}
	}
	return Auth{Type: name, Params: a.Params}
}

// has reports a secret, given once or per key fingerprint (secret, or secrets.<fingerprint>).
func (a Auth) has(secret string) bool {
	for key := range a.Params {
		if key == secret || strings.HasPrefix(key, secret+".") || strings.HasPrefix(key, secret+"s.") {
			return true
		}
	}
	return false
}
