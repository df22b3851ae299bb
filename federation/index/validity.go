package index

import (
	"time"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Day counts days, 1 January of the year 1 being day 1; zero is unknown.
type Day int32

// DayOf is the day of a moment in its own time zone.
func DayOf(t time.Time) Day {
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return Day(midnight.Unix()/secondsPerDay + dayOf1970)
}

const (
	secondsPerDay = 24 * 60 * 60
	dayOf1970     = 719163 // 1 January of the year 1 is day 1
)

// ParseDay reads the date of an xsd:date or xsd:dateTime; what is none gives zero.
func ParseDay(s string) Day {
	if len(s) < len(time.DateOnly) {
		return 0
	}
	t, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)])
	if err != nil {
		return 0
	}
	return DayOf(t)
}

// Validity is what a record states about being offered: a mark, a period, both or nothing. Whether
// the course is active is judged when somebody reads.
type Validity struct {
	Stated      *bool  // ql:isActive
	From, Until string // dcterms:valid, dates or date-times
}

// ValidityOf reads the period a course graph states for its subject.
func ValidityOf(subject string, stated *bool, triples []rdf.Triple) Validity {
	v := Validity{Stated: stated}
	period := rdf.Term(nil)
	for _, t := range triples {
		if t.Pred.String() == valid && t.Subj.String() == subject {
			period = t.Obj
		}
	}
	if period == nil {
		return v
	}
	for _, t := range triples {
		if !rdfEqual(t.Subj, period) {
			continue
		}
		switch t.Pred.String() {
		case startDate:
			v.From = t.Obj.String()
		case endDate:
			v.Until = t.Obj.String()
		}
	}
	return v
}

const (
	valid     = vocabulary.NSDCTerms + "valid"
	startDate = vocabulary.NSELM + "startDate"
	endDate   = vocabulary.NSELM + "endDate"
)

func rdfEqual(a, b rdf.Term) bool { return a.Type() == b.Type() && a.String() == b.String() }

// ActiveAt judges: not marked as inactive, and not outside the period.
func (v Validity) ActiveAt(now time.Time) bool { return v.days().activeAt(DayOf(now)) }

type validity struct {
	inactive    bool
	from, until Day
}

func (v Validity) days() validity {
	return validity{
		inactive: v.Stated != nil && !*v.Stated, from: ParseDay(v.From), until: ParseDay(v.Until),
	}
}

func (v validity) activeAt(day Day) bool {
	return !v.inactive && v.from <= day && (v.until == 0 || v.until >= day)
}
