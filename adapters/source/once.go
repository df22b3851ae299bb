package source

import "slices"

// Once collects texts, each once, in the order in which they come. The zero value is empty.
type Once struct {
	Texts []string
	seen  map[string]bool // nil while the texts are few
}

// few is how many things are sought one by one; more are sought in a map, since a field may have hundreds of thousands.
const few = 16

// Add takes one more text, and reports whether it is new. Empty ones are left out.
func (o *Once) Add(text string) bool {
	if text == "" || o.has(text) {
		return false
	}
	o.Texts = append(o.Texts, text)
	if o.seen != nil {
		o.seen[text] = true
	}
	return true
}

func (o *Once) has(text string) bool {
	if o.seen == nil && len(o.Texts) > few {
		o.seen = make(map[string]bool, 2*len(o.Texts))
		for _, t := range o.Texts {
			o.seen[t] = true
		}
	}
	if o.seen != nil {
		return o.seen[text]
	}
	return slices.Contains(o.Texts, text)
}
