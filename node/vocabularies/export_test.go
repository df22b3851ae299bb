package vocabularies

import (
	"bytes"
	"io"

	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Read is what one document says, for the fuzz target.
func Read(name, media string, text []byte) (vocabulary.Overlay, error) {
	f := found{}
	_, err := f.read(document{from: name, media: media, body: io.NopCloser(bytes.NewReader(text))})
	return f.lists(), err
}
