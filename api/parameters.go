package api

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

const maxParameters = 200 // values in one request

// checkParameters refuses what an operation does not declare before it is read.
func (a *API) checkParameters(ctx huma.Context, next func(huma.Context)) {
	u := ctx.URL()
	if err := check(ctx.Operation(), u.RawQuery); err != nil {
		gc := humagin.Unwrap(ctx)
		a.fail(gc.Writer, gc.Request, err)
		return
	}
	next(ctx)
}

// check compares a query with the declared parameters of an operation.
func check(op *huma.Operation, rawQuery string) error {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return &parameterError{Parameter: "query", Value: rawQuery, Message: "not well-formed: " + err.Error()}
	}
	var names []string
	declared := map[string]*huma.Schema{}
	for _, p := range op.Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
			declared[p.Name] = p.Schema
		}
	}
	count := 0
	for _, name := range sortedKeys(query) {
		schema, ok := declared[name]
		if !ok {
			return &parameterError{Parameter: name, Message: "no such parameter here", Suggestion: federation.Closest(name, names)}
		}
		if count += len(query[name]); count > maxParameters {
			return &parameterError{Parameter: name, Message: fmt.Sprintf("more than %d values in one request", maxParameters)}
		}
		if err := checkValues(name, schema, query[name]); err != nil {
			return err
		}
	}
	return nil
}

func checkValues(name string, schema *huma.Schema, values []string) error {
	if schema.Type == huma.TypeArray {
		if schema.MaxItems != nil && len(values) > *schema.MaxItems {
			return &parameterError{Parameter: name, Message: fmt.Sprintf("at most %d times", *schema.MaxItems)}
		}
		schema = schema.Items
	} else if len(values) > 1 {
		return &parameterError{Parameter: name, Value: values[1], Message: "may be given once only"}
	}
	for _, v := range values {
		if message := checkValue(schema, v); message != "" {
			return &parameterError{Parameter: name, Value: v, Message: message, Suggestion: federation.Closest(v, enumOf(schema))}
		}
	}
	return nil
}

// checkValue says what is wrong with a value, "" when nothing is.
func checkValue(s *huma.Schema, v string) string {
	switch {
	case !utf8.ValidString(v) || strings.ContainsRune(v, 0):
		return "not text in UTF-8"
	case s.Type == huma.TypeInteger, s.Type == huma.TypeNumber:
		return checkNumber(s, v)
	case s.Type == huma.TypeBoolean:
		if v != "true" && v != "false" {
			return "must be true or false"
		}
	case s.Format == "date":
		if len(v) < 10 || index.ParseDay(v) == 0 {
			return "must be a date such as 2027-03-01"
		}
	case s.MaxLength != nil && utf8.RuneCountInString(v) > *s.MaxLength:
		return fmt.Sprintf("longer than %d characters", *s.MaxLength)
	case len(s.Enum) > 0 && !slices.Contains(enumOf(s), v):
		return "no such value; one of " + strings.Join(enumOf(s), ", ")
	}
	return ""
}

func checkNumber(s *huma.Schema, v string) string {
	n, err := strconv.ParseFloat(v, 64)
	whole := s.Type == huma.TypeInteger
	switch {
	case err != nil, math.IsInf(n, 0), math.IsNaN(n), whole && n != math.Trunc(n), whole && strings.ContainsAny(v, ".eExX"):
		return "must be a number"
	case s.Minimum != nil && n < *s.Minimum:
		return fmt.Sprintf("must be at least %g", *s.Minimum)
	case s.Maximum != nil && n > *s.Maximum:
		return fmt.Sprintf("must be at most %g", *s.Maximum)
	}
	return ""
}

func enumOf(s *huma.Schema) []string {
	out := make([]string, len(s.Enum))
	for i, v := range s.Enum {
		out[i] = fmt.Sprint(v)
	}
	return out
}

func sortedKeys(v url.Values) []string {
	keys := make([]string, 0, len(v))
	for k := range v {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
