package source

// mostInherited is how many values the instances of one course take from it, all together. Each is read anew for every
// instance, so that one long list would otherwise keep a run busy for minutes; a record holds far fewer.
const mostInherited = 1 << 20

// heritage is what the instances of a course take from it.
type heritage struct {
	fields map[string]legacy
	taken  int // values
	prose  []Text
	read   bool // prose has been
}

// legacy is a field with the number of values in it.
type legacy struct {
	value any
	size  int
}

// bequest gives a field of the course to one more of its instances; nil when they have taken too much.
func (n *Node) bequest(field string) any {
	l, known := n.heritage.fields[field]
	if !known {
		v := n.Get(field)
		l = legacy{v, values(v)}
		if n.heritage.fields == nil {
			n.heritage.fields = make(map[string]legacy)
		}
		n.heritage.fields[field] = l
	}
	if n.heritage.taken += l.size; n.heritage.taken > mostInherited {
		n.Complain(field, "", "too long to be read for every offering", "send it with the offerings that it is about")
		return nil
	}
	return l.value
}

// prose is the course's description, which every instance compares with its own.
func (n *Node) prose() []Text {
	if !n.heritage.read {
		n.heritage.read, n.heritage.prose = true, TextsOf(n.Get("description"))
	}
	return n.heritage.prose
}

// values counts what is in a value.
func values(v any) int {
	n := 1
	switch t := v.(type) {
	case []any:
		for _, e := range t {
			n += values(e)
		}
	case Object:
		for _, f := range t {
			n += values(f.Value)
		}
	}
	return n
}
