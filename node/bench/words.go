package bench

// What synthetic courses are made of. The codes are those of the vocabularies in use.

type words struct{ en, de string }

type field struct {
	code, isced string
	topics      []words
}

var fields = []field{
	{"INF", "0613", []words{
		{"Distributed Systems", "Verteilte Systeme"},
		{"Software Architecture", "Softwarearchitektur"},
		{"Compiler Construction", "Übersetzerbau"},
		{"Machine Learning", "Maschinelles Lernen"},
		{"Information Security", "Informationssicherheit"},
		{"Database Systems", "Datenbanksysteme"},
	}},
	{"MAT", "0541", []words{
		{"Linear Algebra", "Lineare Algebra"},
		{"Functional Analysis", "Funktionalanalysis"},
		{"Graph Theory", "Graphentheorie"},
		{"Probability Theory", "Wahrscheinlichkeitstheorie"},
		{"Numerical Methods", "Numerische Verfahren"},
	}},
	{"BIO", "0511", []words{
		{"Cell Biology", "Zellbiologie"}, {"Marine Ecology", "Meeresökologie"}, {"Genetics", "Genetik"}, {"Plant Physiology", "Pflanzenphysiologie"},
	}},
	{"HIS", "0222", []words{
		{"Medieval Trade", "Handel im Mittelalter"}, {"European Integration", "Europäische Einigung"}, {"Archival Studies", "Archivkunde"},
	}},
	{"LAW", "0421", []words{
		{"Constitutional Law", "Verfassungsrecht"}, {"Data Protection Law", "Datenschutzrecht"}, {"Maritime Law", "Seerecht"},
	}},
	{"ENE", "0713", []words{
		{"Wind Power", "Windenergie"}, {"Power Electronics", "Leistungselektronik"}, {"Energy Storage", "Energiespeicherung"}, {"Smart Grids", "Intelligente Stromnetze"},
	}},
	{"NUR", "0913", []words{
		{"Community Nursing", "Gemeindepflege"}, {"Patient Safety", "Patientensicherheit"}, {"Palliative Care", "Palliativpflege"},
	}},
	{"ARC", "0731", []words{
		{"Timber Construction", "Holzbau"}, {"Urban Design", "Städtebau"}, {"Building Conservation", "Denkmalpflege"},
	}},
}

var levels = []struct{ en, de, eqf string }{
	{"Introduction to", "Einführung:", "6"},
	{"Intermediate", "Aufbaukurs:", "6"},
	{"Advanced", "Vertiefung:", "7"},
	{"Research Seminar in", "Forschungsseminar:", "8"},
}

var (
	credits   = []string{"2.5", "3", "5", "6", "7.5", "10", "15"}
	languages = []string{"ENG", "DEU", "FRA", "SPA", "FIN", "POL"}
	// presential, online, blended
	modes = []string{"9191af2ed9", "920fbb3cbe", "e92d221e4d"}
)

var phrases = []string{
	"The course begins with the foundations of %s and asks where its common methods fail.",
	"Weekly exercises apply %s to cases that partner institutions bring along.",
	"Participants read three recent articles on %s and defend one of them in class.",
	"A project in groups of four turns \\\"what if\\\" questions about %s into something that can be tested.",
	"Guest lectures show how %s is practised outside universities.\\nNo prior registration is needed for them.",
	"An oral examination covers %s; the project counts for half of the grade.",
	"Parts on %s are taught online, so that students of all partner institutions can follow.",
}

var abilities = []string{
	"Explains the main results of %s to people of another field",
	"Plans and carries out a small study in %s",
	"Judges whether a method of %s suits a given problem",
	"Documents work in %s so that others can repeat it",
}
