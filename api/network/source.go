package network

import (
	"time"

	"github.com/coursemesh/coursemesh/federation/profile"
)

// SourceSummary is of a source that this node harvests. What only the operator sees is empty for everybody else.
type SourceSummary struct {
	ID       string         `json:"id"`
	Domain   string         `json:"domain" doc:"Provider id from whose announcement it is known"`
	Source   string         `json:"source" doc:"The manifest's id of it, else its path"`
	Name     string         `json:"name,omitempty"`
	Standard string         `json:"standard" doc:"elm, ooapi, edu-api, occapi"`
	Version  string         `json:"version"`
	Access   string         `json:"access" doc:"none, httpheader, oauth2.0, httpsig"`
	State    string         `json:"state" doc:"Of the last run: complete, unchanged, held, incomplete, elsewhere; new when there was none"`
	Courses  int            `json:"courses" doc:"In the last complete listing"`
	Failures int            `json:"failures" doc:"Since the last complete run"`
	Last     *time.Time     `json:"last_run"`
	Complete *time.Time     `json:"last_complete" doc:"Start of the last complete run"`
	Stale    *time.Time     `json:"stale_since" doc:"Since when its manifest cannot be read"`
	Refresh  float64        `json:"refresh_hours"`
	Details  *SourceDetails `json:"details,omitempty" doc:"For the operator only"`
}

// SourceDetails are what the operator sees of a source.
type SourceDetails struct {
	Path    string `json:"path"`
	ByHand  bool   `json:"by_hand"`
	Problem string `json:"problem,omitempty"`
}

// SourceRun is one run: for everybody state, times and counts; for the operator the log.
type SourceRun struct {
	ID      string    `json:"id"`
	Source  string    `json:"source" doc:"Id of the source"`
	Domain  string    `json:"domain"`
	State   string    `json:"state"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Counts  RunCounts `json:"counts"`
	Log     *RunLog   `json:"log,omitempty" doc:"For the operator only"`

	Quality *profile.Quality `json:"quality,omitempty" doc:"What the application profile says of the courses read; messages and examples for the operator only"`
}

// RunCounts of a run.
type RunCounts struct {
	Requests  int `json:"requests"`
	Unchanged int `json:"answers_unchanged"`
	Fetched   int `json:"fetched" doc:"Courses listed"`
	New       int `json:"new"`
	Changed   int `json:"changed"`
	Withdrawn int `json:"withdrawn"`
	Rejected  int `json:"rejected"`
	Findings  int `json:"findings"`
	Persons   int `json:"persons_removed"`
}

// RunLog is the log of a run.
type RunLog struct {
	Name     string     `json:"name" doc:"The source's key in its manifest"`
	Problem  string     `json:"problem,omitempty"`
	Errors   []RunEntry `json:"errors"`
	Findings []RunEntry `json:"findings"`
}

// RunEntry names the record, the place in the source, what is wrong and the fix in the source's own terms.
type RunEntry struct {
	Subject string `json:"subject"`
	Where   string `json:"where"`
	Field   string `json:"field,omitempty"`
	Value   string `json:"value,omitempty"`
	Message string `json:"message"`
	Fix     string `json:"fix"`

	Severity string `json:"severity,omitempty" doc:"Of a finding of the application profile: violation, warning, info"`
	Property string `json:"property,omitempty"`
}
