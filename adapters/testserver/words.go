package testserver

// What generated courses are made of.

type words struct{ en, fi string }

type field struct {
	code, isced string
	words
	topics []words
}

var fields = []field{
	{"CS", "0613", words{"Computing", "Tietojenkäsittely"}, []words{
		{"Operating Systems", "Käyttöjärjestelmät"}, {"Cryptography", "Kryptografia"}, {"Computer Graphics", "Tietokonegrafiikka"},
	}},
	{"FOR", "0821", words{"Forestry", "Metsätiede"}, []words{
		{"Forest Inventory", "Metsien inventointi"}, {"Peatland Ecology", "Suoekologia"},
	}},
	{"MUS", "0215", words{"Music", "Musiikki"}, []words{
		{"Choral Conducting", "Kuoronjohto"}, {"Music Theory", "Musiikinteoria"},
	}},
	{"ECO", "0311", words{"Economics", "Taloustiede"}, []words{
		{"Labour Economics", "Työn taloustiede"}, {"Game Theory", "Peliteoria"}, {"Public Finance", "Julkinen talous"},
	}},
	{"CHE", "0531", words{"Chemistry", "Kemia"}, []words{
		{"Polymer Chemistry", "Polymeerikemia"}, {"Spectroscopy", "Spektroskopia"},
	}},
	{"EDU", "0111", words{"Education", "Kasvatustiede"}, []words{
		{"Inclusive Teaching", "Inklusiivinen opetus"}, {"Assessment Design", "Arvioinnin suunnittelu"},
	}},
}

var levels = []struct {
	en, fi string
	eqf    int
}{{"Foundations of", "Perusteet:", 6}, {"Further", "Jatkokurssi:", 7}, {"Doctoral Seminar in", "Tohtoriseminaari:", 8}}

var (
	credits     = []string{"2.5", "3", "5", "7.5", "10"}
	languages   = []string{"en", "fi", "de", "fr", "es", "pl"}
	abilities   = []string{"Explains the main ideas of", "Chooses suitable methods of", "Judges published work in", "Documents a project in"}
	assessments = []string{"Written examination at the end of term", "Oral examination", "Portfolio of four exercises", "Project report & presentation"}
	givenNames  = []string{"Aino", "Väinö", "Sorin", "Ottilie", "Marguerite"}
	familyNames = []string{"Kallunki", "Lindqvist", "Petrescu", "Brandstätter", "Delacroix"}
)

var phrases = []string{
	"The course opens with what is known about %s and what is disputed.",
	"Each week a short exercise applies %s to data < 10 years old.",
	"Groups of three carry out a project on \"%s\" with a partner outside the university.",
	"Guests from industry & public service talk about %s.",
	"Lectures on %s are recorded; seminars are not.",
}
