package eduapi

import "github.com/coursemesh/coursemesh/federation/vocabulary"

var eqfLevels = map[string]int{"undergraduate": 6, "graduate": 7, "doctoral": 8}

// courseTypes are the types that are something else than a course.
var courseTypes = map[string]string{
	"internship": vocabulary.TypeInternship, "practicum": vocabulary.TypeInternship, "clinical": vocabulary.TypeInternship,
	"fieldexperience": vocabulary.TypeInternship, "thesis": vocabulary.TypeThesis,
}

// collectionTypes are the types that are something else than a module.
var collectionTypes = map[string]string{
	"program": vocabulary.TypeEducationalProgramme, "nondegreecollection": vocabulary.TypeEducationalProgramme,
}

var modes = map[string]string{
	"online": vocabulary.ModeOnline, "blended": vocabulary.ModeBlended, "onground": vocabulary.ModePresential, "on ground": vocabulary.ModePresential,
}

var registrations = map[string]string{
	"open": "Registration is open.", "closed": "Registration is closed.", "pending": "Registration has not opened yet.",
	"waitlist": "Registration puts you on a waiting list.",
}

// activities are the types of components other than exams.
var activities = map[string]string{
	"individualizedinstruction": vocabulary.BaseActivityType + "c_5665a0ad",
	"integratedlecturelab":      vocabulary.BaseActivityType + "3c8bd58d62",
	"laboratory":                vocabulary.BaseActivityType + "3c8bd58d62",
	"practicum":                 vocabulary.BaseActivityType + "3c8bd58d62",
	"lecture":                   vocabulary.BaseActivityType + "ff436ea7c9",
	"recitation":                vocabulary.BaseActivityType + "ff436ea7c9",
	"research":                  vocabulary.BaseActivityType + "a7e556215a",
	"seminar":                   vocabulary.BaseActivityType + "efff75e10a",
	"independentstudy":          vocabulary.BaseActivityType + "b660f5dcea",
	"fieldexperience":           vocabulary.BaseActivityType + "4357e0e681",
}
