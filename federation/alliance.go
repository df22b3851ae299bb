package federation

// Alliance is a group of providers, identified by a domain of its own. That a registry or the operator
// lists a member is what lets the alliance speak for it; alliance records never do.
type Alliance struct {
	Domain  string   `json:"domain" yaml:"domain"`
	Name    string   `json:"name,omitempty" yaml:"name"`
	Website string   `json:"website,omitempty" yaml:"website"`
	Members []string `json:"members" yaml:"members"`           // provider ids
	Aliases []string `json:"aliases,omitempty" yaml:"aliases"` // OrgReg and DEQAR ids, IRIs
}
