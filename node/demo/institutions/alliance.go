package institutions

import "github.com/coursemesh/coursemesh/federation"

// Alliance has a domain and a catalogue of its own, like an institution, and members. Courses are those that can be
// in a catalogue: what it says of a member that speaks for itself is not.
type Alliance struct {
	Institution
	Members []string              // provider ids
	Silent  []federation.Provider // the members that have neither a manifest nor a web server
}

// Ponte is the sample alliance. It lists two courses each of three members that announce none, and one of a member
// that announces its own.
func Ponte() Alliance {
	silent := []federation.Provider{
		{ID: "havnsund.example", Name: "Havnsund Universitet", Country: "DK", Website: "https://www.havnsund.example/"},
		{ID: "castrelo.example", Name: "Universidad de Castrelo", Country: "ES", Website: "https://www.castrelo.example/"},
		{ID: "rudnica.example", Name: "Univerzita Rudnica", Country: "SK", Website: "https://www.rudnica.example/"},
	}
	a := Alliance{Silent: silent, Institution: Institution{
		Domain: "ponte-alliance.example", Name: "PONTE European University", Website: "https://www.ponte-alliance.example/",
		Standard: "elm", Discovery: WellKnown, Access: Open, Courses: 6, manifest: "/.well-known/quality-link-manifest.json",
		source: source{Type: "elm", Version: "3.2", ID: "catalogue", Name: "Courses of our members", Path: "https://ponte-alliance.example/catalogue/courses.ttl"},
	}}
	for _, m := range silent {
		a.Members = append(a.Members, m.ID)
	}
	a.Members = append(a.Members, "valmares.example")
	return a
}
