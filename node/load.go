package node

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const envPrefix = "COURSEMESH_"

// Setting is one value of the configuration and where it came from.
type Setting struct {
	Key    string `json:"key"`
	Value  any    `json:"value"`
	Origin string `json:"origin"` // default, the file's name, or the environment variable's
}

// Load reads the defaults, then the file ("" for none), then the environment, and checks the result.
// environ has the form of os.Environ.
func Load(file string, environ []string) (Config, []Setting, error) {
	config := Defaults()
	origins := map[string]string{}
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return config, nil, err
		}
		if err := decodeYAML(data, &config, origins, file); err != nil {
			return config, nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	if err := fromEnvironment(&config, environ, origins); err != nil {
		return config, nil, err
	}
	return config, settings(&config, origins), config.check()
}

// decodeYAML is strict: unknown keys and aliases are errors.
func decodeYAML(data []byte, config *Config, origins map[string]string, name string) error {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return err
	}
	if err := noAliases(&root); err != nil {
		return err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(config); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(root.Content) > 0 {
		noteOrigins(root.Content[0], "", origins, name)
	}
	return nil
}

func noAliases(n *yaml.Node) error {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return fmt.Errorf("line %d: aliases and anchors are not allowed; write the value out", n.Line)
	}
	for _, child := range n.Content {
		if err := noAliases(child); err != nil {
			return err
		}
	}
	return nil
}

// noteOrigins marks every path of the document as coming from the file.
func noteOrigins(n *yaml.Node, path string, origins map[string]string, name string) {
	origins[path] = name
	if n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		noteOrigins(n.Content[i+1], join(path, n.Content[i].Value), origins, name)
	}
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

// leaves visits every setting of the configuration: what is no plain struct.
func leaves(v reflect.Value, path string, visit func(path string, v reflect.Value) error) error {
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("yaml")
		if tag == "-" {
			continue
		}
		key, field := join(path, tag), v.Field(i)
		if field.Kind() == reflect.Struct {
			if err := leaves(field, key, visit); err != nil {
				return err
			}
			continue
		}
		if err := visit(key, field); err != nil {
			return err
		}
	}
	return nil
}

func variable(path string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// notSettings are variables of our prefix that are no settings.
var notSettings = map[string]bool{envPrefix + "CORPUS": true, envPrefix + "CONFIG": true, envPrefix + "SOAK": true}

func fromEnvironment(config *Config, environ []string, origins map[string]string) error {
	given := map[string]string{}
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok && strings.HasPrefix(name, envPrefix) && !notSettings[name] {
			given[name] = value
		}
	}
	err := leaves(reflect.ValueOf(config).Elem(), "", func(path string, v reflect.Value) error {
		name := variable(path)
		text, ok := given[name]
		if !ok {
			return nil
		}
		delete(given, name)
		origins[path] = name
		if err := setText(v, text); err != nil {
			return fmt.Errorf("%s=%q: %w", name, text, err)
		}
		return nil
	})
	for name := range given {
		return errors.Join(err, fmt.Errorf("%s names no setting; `coursemesh config show` lists them all", name))
	}
	return err
}

// setText reads a setting from text: lists by comma, structured lists as YAML or JSON.
func setText(v reflect.Value, text string) (err error) {
	switch target := v.Addr().Interface().(type) {
	case *string:
		*target = text
	case *int64:
		*target, err = strconv.ParseInt(text, 10, 64)
	case *float64:
		*target, err = strconv.ParseFloat(text, 64)
	case *bool:
		*target, err = strconv.ParseBool(text)
	case *[]string:
		*target = splitList(text)
	case *Hosts:
		*target, err = parseHosts(text)
	default:
		return yaml.Unmarshal([]byte(text), target)
	}
	return err
}

func splitList(text string) []string {
	var out []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}

func settings(config *Config, origins map[string]string) []Setting {
	var out []Setting
	_ = leaves(reflect.ValueOf(config).Elem(), "", func(path string, v reflect.Value) error {
		origin, ok := origins[path]
		if !ok {
			origin = "default"
		}
		out = append(out, Setting{path, v.Interface(), origin})
		return nil
	})
	return out
}
