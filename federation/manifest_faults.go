package federation

import (
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// fault is what a decoder says of broken text, and what it means to somebody who has written it by hand.
type fault struct{ said, message, fix string }

// jsonFaults translates encoding/json; the first that matches counts.
var jsonFaults = []fault{
	{"looking for beginning of object key", "a name in double quotes is missing", "take away the comma before this place, or put the name into double quotes"},
	{"after object key:value pair", "a comma or the closing brace is missing", "put a comma after the value that stands before this place"},
	{"after array element", "a comma or the closing bracket is missing", "put a comma after the item that stands before this place"},
	{"after object key", "the colon after a name is missing", `write "name": value`},
	{"looking for beginning of value", "a value is missing, or stands there without double quotes", "put texts into double quotes, and take away a comma with nothing behind it"},
	{"in string escape", "a backslash in a text", `write \\ for a backslash`},
	{"in string literal", "a line break or another control character within a text", "close the text with a double quote on the line where it begins"},
	{"unexpected end", "it ends early", "close every brace, bracket and quote"},
	{"after top-level value", "something stands behind the end of the document", "take it away; a manifest is one object"},
}

// jsonFault is what is wrong with text that is not JSON.
func jsonFault(body []byte) *ManifestRefusal {
	var any json.RawMessage
	var syntax *json.SyntaxError
	if err := json.Unmarshal(body, &any); !errors.As(err, &syntax) {
		return nil
	}
	message, fix := translate(jsonFaults, syntax.Error())
	return refuseManifest(lineOf(body, int(syntax.Offset)-1), message, fix)
}

// yamlFaults translates go.yaml.in/yaml.
var yamlFaults = []fault{
	{errNoContent.Error(), "no content, only comments", "write an object with sources"},
	{"mapping values are not allowed", "a colon within a value, or a line that is indented too far", "put the value into quotes, or indent the line like its neighbours"},
	{"did not find expected key", "a name is missing, or the indentation does not fit", "indent all names of one object alike, and close every quote"},
	{"did not find expected '-'", "the items of a list are not indented alike", "begin each item with - in the same column"},
	{"could not find expected ':'", "the colon after a name is missing, or a quote is not closed", "write name: value"},
	{"cannot start any token", "a character that begins no value, such as a tab, @ or `", "indent with spaces, and put the value into quotes"},
	{"block sequence entries are not allowed", "a list begins where none can", "put the first - on a line of its own"},
	{"did not find expected ',' or", "a comma or closing bracket is missing", "close every bracket and brace, and put commas between items"},
	{"expected node content", "a value is missing, or a bracket is not closed", "close every bracket and brace, and take away a comma with nothing behind it"},
	{"unexpected end of stream", "a quote or bracket is not closed", "close every quote, bracket and brace"},
	{"unknown anchor", "a * stands for something that is not there", "put the value into quotes"},
}

// yamlPlace: the library says in its text which line it means.
var yamlPlace = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?((?s).*)$`)

func yamlFault(err error) *ManifestRefusal {
	parts := yamlPlace.FindStringSubmatch(err.Error())
	line, _ := strconv.Atoi(parts[1]) // 0: it says none
	message, fix := translate(yamlFaults, parts[2])
	if strings.Contains(parts[2], "find expected") { // it names the line where the object or list begins
		message += ", here or further down"
	}
	return refuseManifest(line, "neither JSON nor YAML: "+message, fix)
}

// translate falls back on the decoder's own words.
func translate(faults []fault, said string) (message, fix string) {
	for _, f := range faults {
		if strings.Contains(said, f.said) {
			return f.message, f.fix
		}
	}
	return clip(said), "compare it with an example, or open it in an editor that knows the format"
}
