package ooapi

import "github.com/coursemesh/coursemesh/federation/vocabulary"

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
var otherLevels = []string{"secondary vocational education", "undefined", "undivided", "nt2 1", "nt2 2"}

// modes of delivery. "blended" is of version 6, but servers of version 5 send it.
var modes = map[string]string{
	"distance learning": vocabulary.ModeOnline,
	"online":            vocabulary.ModeOnline,
	"on campus":         vocabulary.ModePresential,
	"situated":          vocabulary.ModePresential,
	"hybrid":            vocabulary.ModeHybrid,
	"blended":           vocabulary.ModeBlended,
}
