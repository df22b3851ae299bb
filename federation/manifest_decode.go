package federation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// A decoded document consists of nil, bool, string, json.Number (the digits as written), []any and
// map[string]any, whether it was JSON or YAML.

// ManifestRefusal says why a document is no manifest: the line, where one is to blame, and the fix.
type ManifestRefusal struct {
	Line         int // from 1; 0: none in particular
	Message, Fix string
}

func (e *ManifestRefusal) Error() string {
	at := ""
	if e.Line > 0 {
		at = fmt.Sprintf("line %d: ", e.Line)
	}
	return fmt.Sprintf("%v manifest: %s%s; %s", ErrInvalid, at, e.Message, e.Fix)
}

// Unwrap makes it an ErrInvalid.
func (*ManifestRefusal) Unwrap() error { return ErrInvalid }

func refuseManifest(line int, message, fix string) *ManifestRefusal {
	return &ManifestRefusal{line, message, fix}
}

func errTooDeep() error {
	return refuseManifest(0, fmt.Sprintf("nested deeper than %d levels", manifestDepth), "flatten it")
}

// manifestText strips a byte order mark and refuses what cannot be a manifest at a glance.
func manifestText(body []byte) ([]byte, error) {
	if len(body) > MaxManifest {
		return nil, refuseManifest(0, fmt.Sprintf("larger than %d bytes", MaxManifest), "list sources, not courses")
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
		return nil, refuseManifest(0, "empty document", "write a JSON or YAML object with sources")
	case trimmed[0] == '<':
		return nil, refuseManifest(0, "a web page, not a manifest", "serve the JSON or YAML file itself at this address")
	case !utf8.Valid(body):
		return nil, refuseManifest(lineOf(body, notText(body)), "not UTF-8", "save the file in UTF-8")
	}
	return body, nil
}

// notText is where the first byte stands that is not UTF-8.
func notText(body []byte) int {
	at := 0
	for at < len(body) {
		if c, n := utf8.DecodeRune(body[at:]); c != utf8.RuneError || n > 1 {
			at += n
			continue
		}
		break
	}
	return at
}

// decode tries JSON, then YAML. Media types and file endings are not asked: servers get both wrong.
func (r *manifestReader) decode(body []byte) (any, error) {
	if json.Valid(body) {
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		j := jsonManifest{manifestReader: r, Decoder: d, body: body, line: 1}
		return j.value(&manifestPlace{})
	}
	var meant *ManifestRefusal // as JSON
	if first := bytes.TrimSpace(body)[0]; first == '{' || first == '[' {
		meant = jsonFault(body)
	}
	root, err := r.decodeYAML(body)
	switch {
	case err != nil && meant != nil:
		return nil, meant
	case err == nil && meant != nil:
		r.broken(meant.Line, "not valid JSON, read as YAML: "+meant.Message, meant.Fix)
	}
	return root, err
}

// jsonManifest builds a value token by token, because the library's own maps swallow repeated keys.
type jsonManifest struct {
	*manifestReader
	*json.Decoder
	body   []byte
	passed int // bytes of body whose line breaks are counted in line
	line   int
}

func (j *jsonManifest) value(at *manifestPlace) (any, error) {
	token, err := j.Token()
	if err != nil {
		return nil, refuseManifest(j.line, "the JSON ends early", "complete the file")
	}
	j.note(at)
	delim, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	if at.depth >= manifestDepth {
		return nil, errTooDeep()
	}
	if delim == '[' {
		return j.array(at)
	}
	return j.object(at)
}

func (j *jsonManifest) array(at *manifestPlace) (any, error) {
	list := []any{}
	for j.More() {
		v, err := j.value(at.item(len(list)))
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := j.Token()
	return list, err
}

func (j *jsonManifest) object(at *manifestPlace) (any, error) {
	object := map[string]any{}
	for j.More() {
		token, err := j.Token()
		if err != nil {
			return nil, err
		}
		key, _ := token.(string)
		inner := at.member(key)
		v, err := j.value(inner)
		if err != nil {
			return nil, err
		}
		j.put(object, inner, v)
	}
	_, err := j.Token()
	return object, err
}

// note remembers the line of what was just read.
func (j *jsonManifest) note(at *manifestPlace) {
	if j.lines == nil {
		return
	}
	read := int(j.InputOffset())
	j.line += bytes.Count(j.body[j.passed:read], []byte("\n"))
	j.passed = read
	j.lines.note(at, j.line)
}

// put lets the last of repeated keys win, as most JSON readers do, and says so.
func (r *manifestReader) put(object map[string]any, at *manifestPlace, v any) {
	if len(at.name) > manifestName {
		r.report(at.String(), "a name of more than "+strconv.Itoa(manifestName)+" characters, left out", "shorten it")
		return
	}
	if _, twice := object[at.name]; twice {
		r.report(at.String(), "the key is given twice, the last one counts", "keep one of them")
	}
	object[at.name] = v
}
