package federation

import (
	"strconv"
	"strings"
)

// manifestReader collects problems while one document is read.
type manifestReader struct {
	problems []ManifestProblem
	said     map[string]int // by severity, also those that are not listed
	leftOut  int            // sources
	read     []readSource
	lines    *manifestLines
}

// report is for what is lost, or against the format.
func (r *manifestReader) report(where, message, fix string) {
	r.say(ManifestProblem{Where: where, Message: message, Fix: fix, Severity: ManifestViolation})
}

// broken is for the text as a whole, at a line.
func (r *manifestReader) broken(line int, message, fix string) {
	r.say(ManifestProblem{Line: line, Message: message, Fix: fix, Severity: ManifestViolation})
}

// warn is for what is read otherwise than it is written, or doubtful.
func (r *manifestReader) warn(where, message, fix string) {
	r.say(ManifestProblem{Where: where, Message: message, Fix: fix, Severity: ManifestWarning})
}

// note is for what is as it should be.
func (r *manifestReader) note(where, message, fix string) {
	r.say(ManifestProblem{Where: where, Message: message, Fix: fix, Severity: ManifestInfo})
}

// say lists so many of each severity: warnings do not hide what is lost.
func (r *manifestReader) say(p ManifestProblem) {
	if r.said == nil {
		r.said = map[string]int{}
	}
	r.said[p.Severity]++
	switch n := r.said[p.Severity]; {
	case n <= manifestProblems:
		r.problems = append(r.problems, p)
	case n == manifestProblems+1:
		r.problems = append(r.problems, ManifestProblem{Message: "more problems than are listed", Fix: "correct these first", Severity: p.Severity})
	}
}

func (r *manifestReader) manifest(object map[string]any) Manifest {
	m := Manifest{
		Meta:       r.texts("/meta", object["meta"]),
		Sources:    r.sources(object["sources"]),
		Publishers: r.publishers(object),
		Delegates:  r.delegates(object["delegates"]),
		Withdrawn:  r.withdrawn(object["withdrawn"]),
	}
	m.Problems, m.LeftOut = r.problems, r.leftOut
	return m
}

// publishers keeps the difference between no key (an alliance may publish) and a key that lists nobody.
func (r *manifestReader) publishers(object map[string]any) *[]PublisherID {
	v, present := object["publishers"]
	if !present {
		return nil
	}
	ids := []PublisherID{}
	known := map[PublisherID]bool{}
	for i, text := range r.list("/publishers", v) {
		id := PublisherID(strings.TrimSpace(text))
		switch {
		case !id.Valid():
			r.report("/publishers/"+strconv.Itoa(i), "not a publisher id", "copy the publisher printed by `coursemesh key show`")
		case !known[id]:
			known[id] = true
			ids = append(ids, id)
		}
	}
	return &ids
}

func (r *manifestReader) delegates(v any) []string {
	if v == nil {
		return nil
	}
	var domains []string
	known := map[string]bool{}
	for i, text := range r.list("/delegates", v) {
		id := strings.ToLower(strings.TrimSpace(text))
		if _, ok := deqarNumber(id); !ok {
			var err error
			if id, err = NormaliseDomain(text); err != nil {
				r.report("/delegates/"+strconv.Itoa(i), "not a domain", "write the domain alone, such as alliance.example")
				continue
			}
		}
		if !known[id] {
			known[id] = true
			domains = append(domains, id)
		}
	}
	return domains
}

// withdrawn also reads the words that YAML 1.1 took for booleans, since an institution that writes yes means it.
func (r *manifestReader) withdrawn(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true", "yes", "on":
			r.warn("/withdrawn", "a text, not a boolean", "write true without quotes")
			return true
		case "false", "no", "off", "":
			r.warn("/withdrawn", "a text, not a boolean", "write false without quotes")
			return false
		}
	}
	r.report("/withdrawn", "not a boolean, read as false", "write true or false without quotes")
	return false
}
