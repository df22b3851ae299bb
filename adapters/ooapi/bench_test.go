package ooapi

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/coursemesh/coursemesh/adapters/source"
)

// BenchmarkMapping decodes and maps one full course with three offerings.
func BenchmarkMapping(b *testing.B) {
	read := func(pattern string) []byte {
		names, err := filepath.Glob(filepath.Join("../../testdata/golden/ooapi-full/source", pattern))
		if err != nil || len(names) != 1 {
			b.Fatalf("%v %v", names, err)
		}
		body, err := os.ReadFile(names[0]) //nolint:gosec // a path of the golden directory
		if err != nil {
			b.Fatal(err)
		}
		return body
	}
	courses, offerings := read("courses.json"), read("courses/*/offerings.json")
	lim := Limits{}.WithDefaults()
	decode := func(body []byte) []source.Entry {
		pg, err := parsePage(bytes.TrimSpace(body))
		if err != nil {
			b.Fatal(err)
		}
		var out []source.Entry
		for _, raw := range pg.items {
			obj, err := source.Record{Raw: raw}.Decode(lim, "courseId")
			if err != nil {
				b.Fatal(err)
			}
			out = append(out, source.Entry{Object: obj})
		}
		return out
	}
	b.ReportAllocs()
	for b.Loop() {
		in := input{Entry: decode(courses)[0], offerings: decode(offerings), provider: "uni.example", refs: source.References{}}
		if _, err := mapCourse(in); err != nil {
			b.Fatal(err)
		}
	}
}
