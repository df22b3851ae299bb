package federation_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// item is one CBOR data item that can be written in wrong ways. It shares no code with the package.
type item struct {
	major      byte
	arg        uint64 // number, length, tag or simple value
	data       []byte // of a string
	items      []*item
	wide       bool // the argument is one size too large
	indefinite bool
	raw        []byte // written instead of all else
}

// parseItem reads one item of valid DAG-CBOR and returns what follows it.
func parseItem(b []byte) (*item, []byte) {
	i := &item{major: b[0] >> 5, arg: uint64(b[0] & 31)}
	b = b[1:]
	if i.arg >= 24 {
		width := 1 << (i.arg - 24)
		i.arg = 0
		for _, c := range b[:width] {
			i.arg = i.arg<<8 | uint64(c)
		}
		b = b[width:]
	}
	children := 0
	switch i.major {
	case 2, 3:
		i.data, b = slices.Clone(b[:i.arg]), b[i.arg:]
	case 4:
		children = int(i.arg)
	case 5:
		children = 2 * int(i.arg)
	case 6:
		children = 1
	}
	for range children {
		var child *item
		child, b = parseItem(b)
		i.items = append(i.items, child)
	}
	return i, b
}

func (i *item) write(b []byte) []byte {
	if i.raw != nil {
		return append(b, i.raw...)
	}
	if i.indefinite {
		return i.writeIndefinite(b)
	}
	b = writeHead(b, i.major, i.length(), i.wide)
	b = append(b, i.data...)
	for _, child := range i.items {
		b = child.write(b)
	}
	return b
}

func (i *item) length() uint64 {
	switch i.major {
	case 2, 3:
		return uint64(len(i.data))
	case 4:
		return uint64(len(i.items))
	case 5:
		return uint64(len(i.items) / 2)
	}
	return i.arg
}

func (i *item) writeIndefinite(b []byte) []byte {
	b = append(b, i.major<<5|31)
	if i.major <= 3 {
		b = append(writeHead(b, i.major, uint64(len(i.data)), false), i.data...)
	}
	for _, child := range i.items {
		b = child.write(b)
	}
	return append(b, 0xff)
}

func writeHead(b []byte, major byte, n uint64, wide bool) []byte {
	size := 0
	for _, limit := range []uint64{24, 1 << 8, 1 << 16, 1 << 32} {
		if n >= limit {
			size++
		}
	}
	if wide && size < 4 {
		size++
	}
	if size == 0 {
		return append(b, major<<5|byte(n))
	}
	b = append(b, major<<5|byte(23+size))
	width := 1 << (size - 1)
	return append(b, binary.BigEndian.AppendUint64(nil, n)[8-width:]...)
}

// all lists an item and everything in it.
func (i *item) all() []*item {
	out := []*item{i}
	for _, child := range i.items {
		out = append(out, child.all()...)
	}
	return out
}

func pick(rng *rand.Rand, from []*item, want func(*item) bool) *item {
	fit := slices.DeleteFunc(slices.Clone(from), func(i *item) bool { return !want(i) })
	return fit[rng.IntN(len(fit))]
}

func isMap(i *item) bool { return i.major == 5 }

// cborFaults are ways to say the same, or nearly the same, in bytes that must be refused.
func cborFaults() map[string]func(*rand.Rand, *item) {
	return map[string]func(*rand.Rand, *item){
		"argument not in the shortest form": func(rng *rand.Rand, i *item) {
			pick(rng, i.all(), func(i *item) bool { return i.major < 7 && i.length() < 1<<32 }).wide = true
		},
		"indefinite length": func(rng *rand.Rand, i *item) {
			pick(rng, i.all(), func(i *item) bool { return i.major >= 2 && i.major <= 5 }).indefinite = true
		},
		"key twice": func(rng *rand.Rand, i *item) {
			m := pick(rng, i.all(), isMap)
			at := 2 * rng.IntN(len(m.items)/2)
			m.items = slices.Insert(m.items, at, m.items[at], m.items[at+1])
		},
		"key replaced by its neighbour": func(rng *rand.Rand, i *item) {
			m := pick(rng, i.all(), isMap)
			at := 2 * rng.IntN(len(m.items)/2-1)
			m.items[at], m.items[at+1] = m.items[at+2], m.items[at+3]
		},
		"keys out of order": func(rng *rand.Rand, i *item) {
			m := pick(rng, i.all(), isMap)
			a := 2 * rng.IntN(len(m.items)/2-1)
			b := a + 2 + 2*rng.IntN((len(m.items)-a)/2-1)
			m.items[a], m.items[b] = m.items[b], m.items[a]
			m.items[a+1], m.items[b+1] = m.items[b+1], m.items[a+1]
		},
		"key missing": func(rng *rand.Rand, i *item) {
			m := pick(rng, i.all(), isMap)
			at := 2 * rng.IntN(len(m.items)/2)
			m.items = slices.Delete(m.items, at, at+2)
		},
		"unknown key": func(rng *rand.Rand, i *item) {
			m := pick(rng, i.all(), isMap)
			m.items = append(m.items, text("zzzzzzzzzzzzzz"), &item{arg: rng.Uint64N(100)})
		},
		"other type": func(rng *rand.Rand, i *item) {
			one := pick(rng, i.all(), func(i *item) bool { return i.major != 5 })
			others := []string{"\xf7", "\xf4", "\xf9\x00\x00", "\xfb\x3f\xf0\x00\x00\x00\x00\x00\x00", "\x20", "\xa0", "\xc1\x01", "\xd8\x2a\x41\x00"}
			one.raw = []byte(others[rng.IntN(len(others))])
		},
		"string of the other type": func(rng *rand.Rand, i *item) {
			pick(rng, i.all(), func(i *item) bool { return i.major == 2 || i.major == 3 }).major ^= 1
		},
		"text that is not UTF-8": func(rng *rand.Rand, i *item) {
			one := pick(rng, i.all(), func(i *item) bool { return i.major == 3 && len(i.data) > 0 })
			one.data[rng.IntN(len(one.data))] = []byte{0xff, 0xc0, 0x80, 0xed}[rng.IntN(4)]
		},
		"other tag": func(rng *rand.Rand, i *item) {
			pick(rng, i.all(), func(i *item) bool { return i.major == 6 }).arg = 43 + rng.Uint64N(200)
		},
		"other kind of CID": func(rng *rand.Rand, i *item) {
			link := pick(rng, i.all(), func(i *item) bool { return i.major == 6 }).items[0]
			link.data[rng.IntN(5)] ^= 1 << rng.IntN(7)
		},
		"CID of another length": func(rng *rand.Rand, i *item) {
			link := pick(rng, i.all(), func(i *item) bool { return i.major == 6 }).items[0]
			link.data = append(link.data, 0)[:len(link.data)+1-2*rng.IntN(2)]
		},
		"bytes after the end": func(rng *rand.Rand, i *item) {
			i.raw = append(i.write(nil), byte(rng.Uint32()))
		},
		"cut short": func(rng *rand.Rand, i *item) {
			b := i.write(nil)
			i.raw = b[:rng.IntN(len(b)-1)+1]
		},
		"length beyond the end": func(rng *rand.Rand, i *item) {
			one := pick(rng, i.all(), func(i *item) bool { return i.major >= 2 && i.major <= 5 && !isMap(i) })
			one.raw = []byte{one.major<<5 | 27, byte(rng.Uint32() >> 28), 0, 0, byte(rng.Uint32()), 0xff, 0xff, 0xff, 0xff}
		},
	}
}

func text(s string) *item { return &item{major: 3, data: []byte(s)} }

func null() *item { return &item{raw: []byte{0xf6}} }

// at is the value of a key, going down one map for every name.
func (i *item) at(path ...string) **item {
	for k := 0; k < len(i.items); k += 2 {
		if string(i.items[k].data) == path[0] {
			if len(path) == 1 {
				return &i.items[k+1]
			}
			return i.items[k+1].at(path[1:]...)
		}
	}
	panic("no key " + path[0])
}
