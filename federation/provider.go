package federation

import "strings"

// Provider is an institution or other course provider known from configuration or a registry.
type Provider struct {
	ID      string   `json:"id" yaml:"id"` // lower-case A-labels, or deqarinst0815
	Name    string   `json:"name,omitempty" yaml:"name"`
	Country string   `json:"country,omitempty" yaml:"country"` // ISO 3166-1 alpha-2
	Website string   `json:"website,omitempty" yaml:"website"` // URL
	Aliases []string `json:"aliases,omitempty" yaml:"aliases"` // former ids, IRIs
}

const (
	deqarPrefix = "deqarinst"
	deqarIRI    = "https://data.deqar.eu/institution/"
	maxDEQAR    = 10 // digits of a DEQAR institution number
)

// ProviderIRI is https://<id>/, for deqarinst815 https://data.deqar.eu/institution/815 (no leading zeros).
func ProviderIRI(id string) string {
	if number, ok := deqarNumber(id); ok {
		return deqarIRI + number
	}
	return "https://" + id + "/"
}

// ProviderOfIRI undoes ProviderIRI; false for an IRI that is no provider's.
func ProviderOfIRI(iri string) (id string, ok bool) {
	if number, found := strings.CutPrefix(iri, deqarIRI); found {
		id = deqarPrefix + strings.Repeat("0", max(0, 4-len(number))) + number
	} else if rest, found := strings.CutPrefix(iri, "https://"); found {
		id = strings.TrimSuffix(rest, "/")
	}
	return id, ValidProvider(id) && ProviderIRI(id) == iri
}

// ValidProvider reports whether id is a normalised domain with at least one dot or deqarinst + digits.
func ValidProvider(id string) bool {
	if _, ok := deqarNumber(id); ok {
		return true
	}
	name, err := NormaliseDomain(id)
	return err == nil && name == id
}

// deqarNumber is the institution number in an id such as deqarinst0815, without leading zeros.
func deqarNumber(id string) (string, bool) {
	digits, ok := strings.CutPrefix(id, deqarPrefix)
	if !ok || len(digits) > maxDEQAR || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	number := strings.TrimLeft(digits, "0")
	return number, number != ""
}
