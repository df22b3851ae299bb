package discovery

import (
	"net/url"
	"strings"
)

const (
	txtVersion = "v=qldiscover1"
	maxTarget  = 2 << 10 // characters of an announced URL
	maxTargets = 5       // of one name
)

// ParseTXT reads a TXT record (its character-strings joined) of the form `v=qldiscover1; m=<URL>`. The version must
// come first and is case-sensitive; m runs to the end, since a URL may hold semicolons. Anything else is somebody
// else's record.
func ParseTXT(record string) (target string, ok bool) {
	version, rest, _ := strings.Cut(record, ";")
	if strings.TrimSpace(version) != txtVersion {
		return "", false
	}
	for rest != "" {
		rest = strings.TrimSpace(rest)
		if target, ok := strings.CutPrefix(rest, "m="); ok {
			target = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(target), ";"))
			return target, validTarget(target)
		}
		_, rest, _ = strings.Cut(rest, ";")
	}
	return "", false
}

// TXTRecord is the record that announces a manifest's address, as ParseTXT reads it.
func TXTRecord(target string) string { return txtVersion + "; m=" + target }

func validTarget(text string) bool {
	if len(text) > maxTarget || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
		return false
	}
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil
}

// targets of a name's records, in order, without repeats.
func targets(records []string) []string {
	var urls []string
	seen := map[string]bool{}
	for _, record := range records {
		if target, ok := ParseTXT(record); ok && !seen[target] && len(urls) < maxTargets {
			seen[target] = true
			urls = append(urls, target)
		}
	}
	return urls
}
