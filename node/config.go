package node

import (
	"time"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/catalogue"
)

// Config is coursemesh.yaml. Every key can also be set by the environment: COURSEMESH_ and the path in
// upper case, '.' as '_', lists by comma (COURSEMESH_HARVEST_DOMAINS=a.example,b.example).
// Unknown keys are errors. A node runs without any configuration.
type Config struct {
	Node     NodeConfig        `yaml:"node"`
	DataDir  string            `yaml:"data_dir"` // keys, database, snapshots; default ./coursemesh-data
	Registry RegistryConfig    `yaml:"registry"`
	HTTP     HTTPConfig        `yaml:"http"`
	P2P      P2PConfig         `yaml:"p2p"`
	Harvest  HarvestConfig     `yaml:"harvest"`
	Trust    TrustConfig       `yaml:"trust"`
	Block    []catalogue.Block `yaml:"block"` // what this node hides, and why
	Limits   LimitsConfig      `yaml:"limits"`

	Replicate ReplicateConfig `yaml:"replicate"`

	Fetch FetchConfig `yaml:"fetch"`

	Vocabulary VocabularyConfig `yaml:"vocabulary"`
	Profile    ProfileConfig    `yaml:"profile"`

	Now func() time.Time `yaml:"-"` // no setting: the clock of a node that is run by a program; nil is the machine's
}

// NodeConfig is what the node says of itself in its signed heads; public.
type NodeConfig struct {
	Name     string `yaml:"name"`
	Alliance string `yaml:"alliance"` // domain of the alliance
	URL      string `yaml:"url"`
}

// RegistryConfig says which institutions and alliances are known; only known ones have evidence.
type RegistryConfig struct {
	Files     []string              `yaml:"files"`     // lists of DEQAR, EWP, EUF, or snapshots, beside what `registry update` fetched
	Providers []federation.Provider `yaml:"providers"` // known by configuration
}

// HTTPConfig is the public listener: API and portal.
type HTTPConfig struct {
	Listen         string   `yaml:"listen"` // host:port; port 0 is allowed
	TrustedProxies []string `yaml:"trusted_proxies"`
	PublicURL      string   `yaml:"public_url"`
}

// P2PConfig is the libp2p host.
type P2PConfig struct {
	Listen []string `yaml:"listen"` // multiaddresses
	Peers  []string `yaml:"peers"`  // multiaddresses with /p2p/ID, always redialled; /dnsaddr/NAME stands for several

	Mode    string   `yaml:"mode"`    // open, invited or private
	Invited []string `yaml:"invited"` // peer ids that may connect in the other modes, beside peers
	MDNS    bool     `yaml:"mdns"`    // find nodes on the same network
	Relays  []string `yaml:"relays"`  // multiaddresses with /p2p/ID of relays, for a node that nobody can dial
	Relay   bool     `yaml:"relay"`   // be a relay for others
}

// HarvestConfig names the domains this node harvests; they count as known.
type HarvestConfig struct {
	Domains     []string            `yaml:"domains"`
	Credentials []access.Credential `yaml:"credentials"` // handed to the operator; secrets encrypted to this node
}

// TrustConfig is the operator's own judgement beside what domains announce.
type TrustConfig struct {
	Publishers  []authority.Trust     `yaml:"publishers"`
	Alliances   []federation.Alliance `yaml:"alliances"`   // {domain, members}; members count as known
	Authorities []authority.Steward   `yaml:"authorities"` // {domain, providers}: ids or patterns
}

// LimitsConfig bounds what other publishers can make this node hold, and what clients can ask of it. A head over its
// limits is not fetched.
type LimitsConfig struct {
	PublisherRecords  int64   `yaml:"publisher_records"`
	PublisherBytes    int64   `yaml:"publisher_bytes"`
	PublisherDomains  int64   `yaml:"publisher_domains"`
	UnverifiedRecords int64   `yaml:"unverified_records"` // of each publisher without authority here; 0: none is kept
	UnverifiedBytes   int64   `yaml:"unverified_bytes"`
	Publishers        []Quota `yaml:"publishers"`          // more, or less, for single ones
	Streams           int64   `yaml:"streams"`             // of changes that are open at a time
	Requests          int64   `yaml:"requests_per_minute"` // of one client; 0: no limit
}

// Quota of one publisher; a value of 0 is the general one.
type Quota struct {
	ID      federation.PublisherID `yaml:"id" json:"id"`
	Records int64                  `yaml:"records" json:"records,omitempty"`
	Bytes   int64                  `yaml:"bytes" json:"bytes,omitempty"`
	Domains int64                  `yaml:"domains" json:"domains,omitempty"`
}

// FetchConfig guards everything this node fetches.
type FetchConfig struct {
	AllowCIDRs []string `yaml:"allow_cidrs"` // may be reached although private, over plain http and any port
	Hosts      Hosts    `yaml:"hosts"`       // exact host name -> origin
	Resolver   string   `yaml:"resolver"`    // DNS server, host:port
	CAFiles    []string `yaml:"ca_files"`    // further certificate authorities, PEM
	Proxy      string   `yaml:"proxy"`
	Addresses  []string `yaml:"addresses"` // from which this node fetches, for institutions that let in addresses; published
	MaxBytes   int64    `yaml:"max_bytes"` // of one answer
	Contact    string   `yaml:"contact"`   // e-mail or URL for the User-Agent
	PerHost    float64  `yaml:"per_host_per_second"`
	Overall    float64  `yaml:"overall_per_second"`
}

// VocabularyConfig says where newer controlled vocabularies come from.
type VocabularyConfig struct {
	Endpoint string `yaml:"endpoint"` // answers SPARQL queries
}

// ProfileConfig adds to what courses are checked against.
type ProfileConfig struct {
	Shapes []string `yaml:"shapes"` // Turtle files of SHACL shapes that the operator trusts
}

// Defaults of a node without configuration.
func Defaults() Config {
	return Config{
		DataDir: "coursemesh-data",
		HTTP:    HTTPConfig{Listen: "127.0.0.1:8080"},
		P2P:     P2PConfig{Mode: "open", Listen: []string{"/ip4/0.0.0.0/tcp/4777", "/ip4/0.0.0.0/udp/4777/quic-v1"}},
		Limits: LimitsConfig{
			PublisherRecords: 200_000, PublisherBytes: 1 << 30, PublisherDomains: federation.MaxDomains, UnverifiedBytes: 16 << 20,
			Streams: 500, Requests: 30_000,
		},
		Fetch: FetchConfig{MaxBytes: 256 << 20, PerHost: 1, Overall: 20},

		Vocabulary: VocabularyConfig{Endpoint: "https://publications.europa.eu/webapi/rdf/sparql"},
	}
}
