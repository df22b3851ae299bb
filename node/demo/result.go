package demo

// Result is what CONTRACTS 'demo --json' prints.
type Result struct {
	Nodes        []NodeResult        `json:"nodes"`
	Institutions []InstitutionResult `json:"institutions"`
	Seconds      Seconds             `json:"seconds"`
}

// NodeResult is one node process.
type NodeResult struct {
	Name          string `json:"name"`
	HTTP          string `json:"http"`
	Publisher     string `json:"publisher"`
	Courses       int    `json:"courses"`
	CatalogueRoot string `json:"catalogue_root"`
	PID           int    `json:"pid"`
	DataDir       string `json:"data_dir"`
}

// InstitutionResult is one sample institution; files in Dir are served live.
type InstitutionResult struct {
	Domain   string   `json:"domain"`
	Name     string   `json:"name"`
	URL      string   `json:"url"`
	Standard string   `json:"standard"`
	Version  string   `json:"version,omitempty"`
	Access   string   `json:"access"`
	Dir      string   `json:"dir"`
	Quality  *Quality `json:"quality,omitempty"` // nil when nothing can be read
}

// Seconds since the start of the demo.
type Seconds struct {
	FirstCourse float64 `json:"first_course"`
	AllEqual    float64 `json:"all_equal"`
}
