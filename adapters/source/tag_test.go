package source_test

import (
	"testing"

	"github.com/coursemesh/coursemesh/adapters/source"
)

func TestTag(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"EN": "en", " nl ": "nl", "en_GB": "en-gb", "eng": "en", "ger": "de", "deu-AT": "de-at", "el-Latn": "el-latn", "English": "en", "gsw": "gsw", "und": "und",
		"": "", "x y": "", "1": "", "this is no tag": "",
	} {
		if got := source.Tag(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
