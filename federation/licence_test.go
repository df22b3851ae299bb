package federation_test

import (
	"testing"

	"github.com/coursemesh/coursemesh/federation"
)

func TestLicence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://creativecommons.org/licenses/by/4.0/":                         "CC BY 4.0",
		"http://creativecommons.org/licenses/by-nc-sa/3.0/at/":                 "CC BY-NC-SA 3.0 AT",
		"https://creativecommons.org/licenses/by/4.0/deed.de":                  "CC BY 4.0",
		"https://creativecommons.org/licenses/by/4.0/legalcode":                "CC BY 4.0",
		"https://creativecommons.org/publicdomain/zero/1.0/":                   "CC0 1.0",
		"http://publications.europa.eu/resource/authority/licence/CC_BY_4_0":   "CC BY 4.0",
		"http://publications.europa.eu/resource/authority/licence/CC_BYNC_4_0": "CC BY-NC 4.0",
		"http://publications.europa.eu/resource/authority/licence/CC_BYSA_4_0": "CC BY-SA 4.0",
		"http://publications.europa.eu/resource/authority/licence/CC0":         "CC0 1.0",
		"CC-BY-4.0":                           "CC BY 4.0",
		"cc by-nc 4.0":                        "CC BY-NC 4.0",
		" CC BY 4.0 International ":           "CC BY 4.0",
		"CC0-1.0":                             "CC0 1.0",
		"CC0":                                 "CC0",
		"https://spdx.org/licenses/CC-BY-4.0": "CC BY 4.0",
		"https://spdx.org/licenses/CC-BY-SA-4.0.html": "CC BY-SA 4.0",
		"ODbL":                      "ODbL",
		"https://uni.example/terms": "https://uni.example/terms",
		"Courses by Chemistry 4.0":  "Courses by Chemistry 4.0",
		"":                          "",
	} {
		if got := federation.Licence(text); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{"CC BY 4.0", "CC BY-NC-SA 3.0 AT", "CC0 1.0", "CC0"} {
		if got := federation.Licence(text); got != text {
			t.Errorf("the name %q becomes %q", text, got)
		}
	}
}
