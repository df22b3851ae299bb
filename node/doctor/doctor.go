// Package doctor takes one look at everything that keeps a node from doing its work, and says what to do about it. A
// configuration or data directory that no node would start with is what it is for: nothing here needs either to be
// whole.
//
// It changes nothing and makes nothing. Without Online it talks to the node that runs on the data directory and to
// addresses of this machine alone; with it also to what the configuration names, and to nobody else.
package doctor

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/node"
)

// Status of a check.
type Status string

// What a check comes to: nothing to do, something to look at, something that keeps the node from its work.
const (
	OK   Status = "ok"
	Warn Status = "warn"
	Fail Status = "fail"
)

// Check is one line of the report.
type Check struct {
	Name    string `json:"name"`
	Status  Status `json:"status"`
	Message string `json:"message"`
	Fix     string `json:"fix,omitempty"`
}

// Report is what the doctor found; OK says that nothing failed.
type Report struct {
	OK     bool    `json:"ok"`
	Checks []Check `json:"checks"`
}

// Patient is what is to be looked at.
type Patient struct {
	Config    node.Config // as far as it could be read; its DataDir is looked at
	File      string      // of the configuration, "" when there is none
	Settings  []node.Setting
	ConfigErr error
	Version   string
	Running   *http.Client // reaches the node that runs on the data directory; nil when none does
	Online    bool
	Now       func() time.Time
}

// patience with anything that is asked over the network.
const patience = 5 * time.Second

// visit is one examination.
type visit struct {
	Patient
	ctx    context.Context
	report Report

	publisher federation.PublisherID // of the keys, "" when they cannot be read
	peer      string
	facts     facts
}

// Examine looks at everything; it has no error, since what cannot be looked at is what it reports.
func Examine(ctx context.Context, p Patient) Report {
	if p.Now == nil {
		p.Now = time.Now
	}
	v := &visit{Patient: p, ctx: ctx, report: Report{OK: true, Checks: []Check{}}}
	for _, look := range []func(){
		v.configuration, v.directory, v.disk, v.memory, v.keys, v.ledger, v.database, v.node, v.httpPort, v.p2pPorts,
		v.client, v.resolver, v.proxy, v.peers, v.publicURL, v.sources, v.publishers, v.evidence, v.program, v.rest,
	} {
		look()
	}
	return v.report
}

func (v *visit) say(name string, status Status, fix, format string, args ...any) {
	v.report.Checks = append(v.report.Checks, Check{Name: name, Status: status, Message: fmt.Sprintf(format, args...), Fix: fix})
	v.report.OK = v.report.OK && status != Fail
}

func (v *visit) ok(name, format string, args ...any) { v.say(name, OK, "", format, args...) }

func (v *visit) configuration() {
	switch {
	case v.ConfigErr != nil:
		v.say("configuration", Fail, "correct what the message names; docs/operating.md lists every key", "%v", v.ConfigErr)
	case v.File == "":
		v.ok("configuration", "there is no file, so that everything has its default%s", v.fromEnvironment())
	default:
		v.ok("configuration", "%s is valid%s", v.File, v.fromEnvironment())
	}
}

// fromEnvironment says how many settings come from variables, which people forget.
func (v *visit) fromEnvironment() string {
	n := 0
	for _, s := range v.Settings {
		if s.Origin != "default" && s.Origin != v.File {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; %d settings come from the environment or flags (`coursemesh config show` names them)", n)
}

func (v *visit) program() {
	v.ok("version", "coursemesh %s", v.Version)
	for _, p := range v.facts.peers {
		if len(p.Newer) > 0 {
			v.say("version", Warn, "install the newest version", "peer %s (%s) speaks protocols that this version does not know: %v", p.ID, p.Agent, p.Newer)
			return
		}
	}
	if v.facts.status.Version != "" && v.facts.status.Version != v.Version {
		v.say("version", Warn, "start the node again, so that it runs the installed version", "the running node is %s", v.facts.status.Version)
	}
}

func (v *visit) rest() {
	if !v.Online {
		v.ok("online", "only this machine was asked; --online also asks the name server, the proxy, http.public_url and peers elsewhere")
	}
}
