package source

import "sync"

// pile holds what was read of the containers that are open, the outermost at the bottom. A container takes its own off
// when it ends, so that its memory has the right size at once.
type pile struct {
	fields []Field
	values []any
}

var piles = sync.Pool{New: func() any { return new(pile) }}

// mostPiled is how many a pile may have room for that is used again.
const mostPiled = 1 << 12

func (p *pile) takeFields(bottom int) Object {
	o := make(Object, len(p.fields)-bottom)
	copy(o, p.fields[bottom:])
	clear(p.fields[bottom:])
	p.fields = p.fields[:bottom]
	return ordered(o)
}

func (p *pile) takeValues(bottom int) []any {
	list := make([]any, len(p.values)-bottom)
	copy(list, p.values[bottom:])
	clear(p.values[bottom:])
	p.values = p.values[:bottom]
	return list
}

// release gives the pile back, without what a text that broke off has left.
func (p *pile) release() {
	if cap(p.fields) > mostPiled || cap(p.values) > mostPiled {
		return
	}
	clear(p.fields)
	clear(p.values)
	p.fields, p.values = p.fields[:0], p.values[:0]
	piles.Put(p)
}
