package index

// column keeps the values of one field: codes of all documents one after the other.
type column struct {
	dict   map[string]uint32
	values []string // by code
	start  []uint32 // start[n] to start[n+1] are the codes of document n
	codes  []uint32
}

func newColumn() *column { return &column{dict: map[string]uint32{}, start: []uint32{0}} }

// add appends the values of the next document.
func (c *column) add(values []string) {
	for _, v := range values {
		code, ok := c.dict[v]
		if !ok {
			code = uint32(len(c.values))
			c.dict[v] = code
			c.values = append(c.values, v)
		}
		c.codes = append(c.codes, code)
	}
	c.start = append(c.start, uint32(len(c.codes)))
}

func (c *column) of(n uint32) []uint32 { return c.codes[c.start[n]:c.start[n+1]] }

// accept marks the codes whose value passes.
func (c *column) accept(pass func(string) bool) []bool {
	out := make([]bool, len(c.values))
	for code, v := range c.values {
		out[code] = pass(v)
	}
	return out
}

// any reports whether a document has one of the marked codes.
func (c *column) any(n uint32, marked []bool) bool {
	for _, code := range c.of(n) {
		if marked[code] {
			return true
		}
	}
	return false
}
