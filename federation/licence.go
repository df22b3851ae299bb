package federation

import (
	"regexp"
	"strings"
)

// Addresses and texts of the licences that most catalogues have.
var (
	creativeCommons = regexp.MustCompile(`^https?://(?:www\.)?creativecommons\.org/licenses/([a-z-]+)/([0-9.]+)(?:/([a-z]{2,}))?(?:/.*)?$`)
	publicDomain    = regexp.MustCompile(`^https?://(?:www\.)?creativecommons\.org/publicdomain/zero/([0-9.]+)(?:/.*)?$`)
	euLicence       = regexp.MustCompile(`^https?://publications\.europa\.eu/resource/authority/licence/CC_?([A-Z_]+?)_?([0-9])_?([0-9])(?:_([A-Z]{3}))?$`)
	spelt           = regexp.MustCompile(`(?i)^(?:https?://spdx\.org/licenses/)?cc[- _]?(by(?:[- _](?:nc|nd|sa))*|0)[- _,]*(?:v(?:ersion)?[ .]*)?([0-9]\.[0-9])?(?:[- _](?:international|universal))?(?:\.html|\.json)?$`)
)

// Licence gives one short name for the spellings of a Creative Commons licence, such as CC BY 4.0 and CC0 1.0:
// its address, its concept of the EU, its SPDX name. Any other text or address stays as it is.
func Licence(text string) string {
	text = strings.TrimSpace(text)
	if m := creativeCommons.FindStringSubmatch(text); m != nil {
		return strings.TrimSpace("CC " + strings.ToUpper(m[1]) + " " + m[2] + " " + strings.ToUpper(notCode(m[3])))
	}
	if strings.HasSuffix(text, "publications.europa.eu/resource/authority/licence/CC0") {
		return "CC0 1.0"
	}
	if m := publicDomain.FindStringSubmatch(text); m != nil {
		return "CC0 " + m[1]
	}
	if m := euLicence.FindStringSubmatch(text); m != nil {
		return commons(m[1], m[2]+"."+m[3])
	}
	if m := spelt.FindStringSubmatch(text); m != nil {
		return commons(m[1], m[2])
	}
	return text
}

// commons names a licence of its parts, which have two letters each, and version.
func commons(parts, version string) string {
	letters := strings.ToUpper(strings.NewReplacer("_", "", "-", "", " ", "").Replace(parts))
	if letters == "0" {
		return strings.TrimSpace("CC0 " + version)
	}
	name := "CC"
	for i := 0; i+1 < len(letters); i += 2 {
		name += []string{" ", "-"}[min(i, 1)] + letters[i:i+2]
	}
	return strings.TrimSpace(name + " " + version)
}

// notCode drops what stands behind the version without being a country: the deed and the legal code.
func notCode(s string) string {
	if len(s) != 2 || s == "en" {
		return ""
	}
	return s
}
