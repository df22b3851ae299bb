package elm

import (
	"net/url"
	"strings"
)

// roleAddresses judges e-mail addresses: those of an office may stay when they belong to the provider.
type roleAddresses struct{ domains []string }

func (n Naming) rolesOf() roleAddresses {
	domains := append([]string(nil), n.Domains...)
	if u, err := url.Parse(n.ProviderIRI); err == nil && u.Hostname() != registryHost {
		domains = append(domains, u.Hostname())
	}
	for i, d := range domains {
		domains[i] = strings.ToLower(strings.TrimSuffix(d, "."))
	}
	return roleAddresses{domains}
}

// registryHost is where providers without a domain have their IRI; it is nobody's own domain.
const registryHost = "data.deqar.eu"

// stay reports whether a lower-case address is that of an office at one of the domains.
func (r roleAddresses) stay(address string) bool {
	local, domain, _ := strings.Cut(address, "@")
	return r.owns(domain) && isRole(local)
}

func (r roleAddresses) owns(domain string) bool {
	for _, d := range r.domains {
		if d != "" && (domain == d || strings.HasSuffix(domain, "."+d)) {
			return true
		}
	}
	return false
}

// isRole reports whether every word of a local part names an office, a task or a level of study.
func isRole(local string) bool {
	words := strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '-' || r == '_' })
	for _, w := range words {
		if !roleWords[w] {
			return false
		}
	}
	return len(words) > 0
}

// roleWords are words of role addresses in languages of the area. No first or family name is among them.
var roleWords = wordSet(`
	accessibility admission admissions advice advising alliance alumni application applications apply
	bachelor bachelors campus central contact course courses curriculum department desk doctoral
	education elearning enquiries enquiry enrol enroll enrolment enrollment erasmus exams examinations
	exchange faculty general graduate help helpdesk hello incoming info information inquiries inquiry
	institute international internationaloffice io it learning library lifelong lifelonglearning llp
	mail master masters microcredential microcredentials mobility mooc moocs nomination nominations
	office online outgoing phd plus postgraduate program programme programmes programs prospective
	reception recruitment registrar registration registry relations school secretariat secretary service
	services student students studentservices studies study studyabroad studyinfo summer summerschool
	support team training undergraduate uni university welcome

	accueil admisiones admissao admissoes ammissioni anfrage auskunft beratung bewerbung bureau
	contacto contato contatti contacts coordinacion dekanat dziekanat education estudiantes etudes
	etudiants formation gestion hakijapalvelut hochschule informacion informacje informatie
	informazioni inscriptions inschrijvingen inschrijving inscription international internacional
	internationales internazionale kansliet kansler kontakt kurser kurse lehre matricula matriculas
	mobilidade mobilite mobilnost movilidad oficina onderwijs opetus opintoasiat opiskelu orientacion
	orientamento orientation postmottak pruefungsamt referat rekrutacja relations scolarite secretaria
	secretariado secretariaat secretariat segreteria sekretariat servicio studadmin studenten studenti
	studentinfo studentenservice studie studieinfo studierende studienberatung studienservice
	studienbuero studium studijni studentservice studentenadministratie utbildning uddannelse vpisi
	vyuka weiterbildung zulassung
`)

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}
