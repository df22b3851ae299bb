package source

import "encoding/json"

// skip passes one value and gives its bytes. What is inside containers is judged when it is decoded; here only their
// ends are found, so that one bad entry does not spoil a page.
func (d *decoder) skip() (json.RawMessage, error) {
	c := d.peek()
	start := d.at
	switch c {
	case '{', '[':
		if err := d.skipContainer(); err != nil {
			return nil, err
		}
	case '"':
		if _, _, err := d.skipString(); err != nil {
			return nil, err
		}
	default:
		if _, err := d.value(); err != nil {
			return nil, err
		}
	}
	return d.text[start:d.at:d.at], nil
}

func (d *decoder) skipContainer() error {
	var nest [64]byte
	closers := nest[:0]
	for d.at < len(d.text) {
		switch c := d.text[d.at]; c {
		case '"':
			if _, _, err := d.skipString(); err != nil {
				return err
			}
			continue
		case '{', '[':
			closers = append(closers, c+2) // '}' and ']' stand two behind
		case '}', ']':
			last := len(closers) - 1
			if closers[last] != c {
				return d.unexpected()
			}
			closers = closers[:last]
		}
		if d.at++; len(closers) == 0 {
			return nil
		}
	}
	return errCut
}

// entries cuts an array into its entries.
func entries(raw []byte) ([]json.RawMessage, error) {
	d := decoder{text: raw, depth: 1}
	d.peek()
	if err := d.open(); err != nil {
		return nil, err
	}
	var out []json.RawMessage
	for first := true; d.more(']', first); first = false {
		entry, err := d.skip()
		if err != nil {
			return nil, err
		}
		out = append(out, entry)
	}
	if err := d.shut(']'); err != nil {
		return nil, err
	}
	return out, d.end()
}

// Fields reads the outermost fields of an object, undecoded.
func Fields(body []byte) (Object, error) {
	d := decoder{text: body, depth: 1, pile: piles.Get().(*pile)} //nolint:forcetypeassert // the pool holds nothing else
	defer d.release()
	if d.peek() != '{' {
		return nil, d.unexpected()
	}
	if err := d.open(); err != nil {
		return nil, err
	}
	o, err := d.members(true)
	if err != nil {
		return nil, err
	}
	return o, d.end()
}
