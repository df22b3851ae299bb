package vocabularies

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// query asks for one concept scheme. Labels are asked for in the languages of the portal, and concepts that
// have none in any of them are not of use here.
const query = `PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
CONSTRUCT { ?c a skos:Concept ; skos:inScheme <%[1]s> ; skos:prefLabel ?label ; skos:notation ?code }
WHERE {
  ?c skos:inScheme <%[1]s> ; skos:prefLabel ?label .
  FILTER(lang(?label) IN ("en", "de", "fr"))
  OPTIONAL { ?c skos:notation ?code }
}`

// askEndpoint asks for every vocabulary. One that the endpoint has nothing of is left as it is.
func (s *Store) askEndpoint(ctx context.Context) (vocabulary.Overlay, []Source, error) {
	address, err := url.Parse(s.cfg.Endpoint)
	if err != nil {
		return nil, nil, fmt.Errorf("vocabulary.endpoint: %w", err)
	}
	update, sources := found{}, []Source{}
	for _, name := range vocabulary.Names() {
		scheme, _, _ := vocabulary.Scheme(name)
		values := address.Query()
		values.Set("query", fmt.Sprintf(query, scheme))
		target := *address
		target.RawQuery = values.Encode()
		doc, err := s.get(ctx, target.String(), "text/turtle, application/n-triples;q=0.9, application/rdf+xml;q=0.8")
		if err != nil {
			return nil, nil, fmt.Errorf("vocabulary %s: %w", name, err)
		}
		doc.from = s.cfg.Endpoint + " " + name
		source, err := update.read(doc)
		if err != nil {
			return nil, nil, err
		}
		sources = append(sources, source)
	}
	lists := update.lists()
	if len(lists) == 0 {
		return nil, nil, fmt.Errorf("%s knows none of the vocabularies; is vocabulary.endpoint right?", strings.TrimSuffix(s.cfg.Endpoint, "/"))
	}
	return lists, sources, nil
}
