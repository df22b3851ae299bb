package ooapi

import (
	"os"
	"path/filepath"
	"testing"
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
	lim := Limits{}.withDefaults()
	decode := func(body []byte) []entry {
		pg, err := parsePage(body)
		if err != nil {
			b.Fatal(err)
		}
		var out []entry
		for _, raw := range pg.items {
			obj, err := record{raw: raw}.object(lim)
			if err != nil {
				b.Fatal(err)
			}
			out = append(out, entry{object: obj})
		}
		return out
	}
	b.ReportAllocs()
	for b.Loop() {
		in := input{entry: decode(courses)[0], offerings: decode(offerings), provider: "uni.example", refs: references{}}
		if _, err := mapCourse(in); err != nil {
			b.Fatal(err)
		}
	}
}
