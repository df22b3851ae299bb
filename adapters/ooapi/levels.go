package ooapi

import "github.com/coursemesh/coursemesh/federation/vocabulary"

// The values of both versions; they differ in hyphens, blanks and underscores, which Spelling brings together.

// eqfLevels are the levels that have a level of the European Qualifications Framework. The plain
// 'secondary vocational education' spans four of them and so has none.
var eqfLevels = map[string]int{
	"secondary vocational education 1": 1,
	"secondary vocational education 2": 2,
	"secondary vocational education 3": 3,
	"secondary vocational education 4": 4,
	"associate degree":                 5,
	"bachelor":                         6,
	"master":                           7,
	"doctoral":                         8,
}

// otherLevels are levels of the standard without a level of the framework.
var otherLevels = []string{"secondary vocational education", "undefined", "undivided", "nt2 1", "nt2 2", "pre vocational", "post doctoral"}

// qualifications are the levels that the awarded qualification hints at.
var qualifications = map[string]int{
	"ad": 5, "associate degree": 5,
	"ba": 6, "bsc": 6, "llb": 6, "bachelor": 6,
	"ma": 7, "msc": 7, "llm": 7, "master": 7,
	"phd": 8, "doctoral": 8,
}

// modes of delivery. A mode without a concept has "". Servers of version 5 send some of version 6.
var modes = map[string]string{
	"distance learning":  vocabulary.ModeOnline,
	"online":             vocabulary.ModeOnline,
	"on campus":          vocabulary.ModePresential,
	"situated":           vocabulary.ModePresential,
	"presential":         vocabulary.ModePresential,
	"hybrid":             vocabulary.ModeHybrid,
	"blended":            vocabulary.ModeBlended,
	"coil":               vocabulary.ModeOnline,
	"project based":      vocabulary.ModeProjectBased,
	"research lab based": vocabulary.ModeResearchLab,
	"work based":         vocabulary.ModeWorkBased,
	"joint delivery":     "",
}

// studyModes of programmes. Half time and the like have no stated hours, and so no concept.
var studyModes = map[string]string{"full time": vocabulary.ScheduleFullTime}

// programmeTypes are the types of learning opportunities of programmes.
var programmeTypes = map[string]string{
	"program": vocabulary.TypeEducationalProgramme, "programme": vocabulary.TypeEducationalProgramme, "honours": vocabulary.TypeEducationalProgramme,
	"minor": vocabulary.TypeProgrammeModule, "specialization": vocabulary.TypeProgrammeModule, "specialisation": vocabulary.TypeProgrammeModule,
	"track": vocabulary.TypeProgrammeModule, "specification": vocabulary.TypeProgrammeModule,
}

// specificationTypes are those of education specifications.
var specificationTypes = map[string]string{
	"course": vocabulary.TypeCourse, "program": vocabulary.TypeEducationalProgramme, "privateprogram": vocabulary.TypeEducationalProgramme,
	"cluster": vocabulary.TypeProgrammeModule,
}

// testTypes are the components that test; a test without a concept has "".
var testTypes = map[string]string{
	"test": "", "unknown": "", "digital test": "", "life skills test": "",
	"test on paper":        vocabulary.BaseAssessmentType + "6e6cb2cc78",
	"oral test":            vocabulary.BaseAssessmentType + "d30284d7df",
	"portfolio assessment": vocabulary.BaseAssessmentType + "4f03b91c0e",
}

// activityTypes of the other components that have a concept.
var activityTypes = map[string]string{
	"lecture":            vocabulary.BaseActivityType + "ff436ea7c9",
	"tutorial":           vocabulary.BaseActivityType + "ff436ea7c9",
	"practical":          vocabulary.BaseActivityType + "3c8bd58d62",
	"skills training":    vocabulary.BaseActivityType + "3c8bd58d62",
	"workshop":           vocabulary.BaseActivityType + "efff75e10a",
	"independent study":  vocabulary.BaseActivityType + "b660f5dcea",
	"consultation":       vocabulary.BaseActivityType + "c_5665a0ad",
	"learning community": vocabulary.BaseActivityType + "efff75e10a",
}
