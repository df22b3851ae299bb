package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/journal"
	"github.com/ipfs/go-cid"
)

// Change is the last that happened to one course (or other record) of the effective catalogue.
type Change struct {
	Cursor    string                 `json:"cursor" doc:"Position after this change, for since"`
	Kind      string                 `json:"kind" enum:"added,changed,withdrawn"`
	What      federation.Kind        `json:"what" doc:"What the record is about: course, offering, provider or alliance"`
	ID        *string                `json:"id" doc:"UUID of a course; null for anything else"`
	IRI       string                 `json:"iri"`
	Provider  string                 `json:"provider"`
	Record    string                 `json:"record" doc:"CID of the record that counts; of what was withdrawn, of the one that did"`
	Publisher federation.PublisherID `json:"publisher" doc:"Who signed the record"`
	At        time.Time              `json:"at" doc:"When this node noticed"`
}

// ChangePage is one page of changes. Next is never null: what comes after the newest change will be there.
type ChangePage struct {
	List[Change]
	Cursor string `json:"cursor" doc:"Position after this page, also when filters left everything out"`
	More   bool   `json:"more" doc:"There is more to read now"`
}

// What a change came to.
const (
	changeAdded     = "added"
	changeChanged   = "changed"
	changeWithdrawn = "withdrawn"
)

type changesQuery struct {
	Since    string   `query:"since" maxLength:"80" doc:"A cursor, 0 for the beginning, or now; without it from the beginning"`
	Limit    int      `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Provider []string `query:"provider,explode" maxItems:"100" doc:"Only of this provider: id, or an alias that the registry knows"`
	What     []string `query:"what,explode" enum:"course,offering,provider,alliance" doc:"Only records about this"`
	LastID   string   `header:"Last-Event-ID" doc:"As since, before which it goes: what a browser sends when a stream broke"`
}

const (
	changesPath = "/v1/changes"
	eventStream = "text/event-stream"
	streamOffer = 1 // in changesMedia

	changeItems = 100
	changeScan  = 10_000                 // lines looked at for one page with filters
	changesTime = 400 * time.Millisecond // after which a page ends early
)

// changesMedia are the forms of changes.
var changesMedia = []string{"application/json", eventStream}

func (a *API) changeRoutes() {
	if a.cfg.Changes == nil {
		return
	}
	get(a, route{
		path: changesPath, id: "listChanges", tag: "Changes", summary: "What changed in the catalogue, to hold a copy of it",
		description: "From the beginning this gives every course once, and from any position what has become different since. " +
			"With Accept: text/event-stream the changes come as server-sent events, as they happen: id is the cursor, event the kind, data the change.",
		body: ChangePage{}, media: changesMedia[streamOffer:],
	}, func(c *call, _ *changesQuery) (response, error) {
		if negotiate(c.accept, changesMedia) == streamOffer {
			return response{sent: true}, a.streamChanges(c)
		}
		return a.listChanges(c)
	})
}

// changeFilter is what a request asks for.
type changeFilter struct {
	providers, what map[string]bool // nil: all
}

// changeFilter reads the filters of a request. One that goes on from a position may name a provider that is gone by now.
func (a *API) changeFilter(c *call, goesOn bool) (f changeFilter, err error) {
	for _, v := range c.query["provider"] {
		id, known := a.providerID(v)
		if !known && (!goesOn || !federation.ValidProvider(id)) {
			return f, &parameterError{Parameter: "provider", Value: v, Message: "no such value", Suggestion: a.suggest(index.Provider, v)}
		}
		f.providers = with(f.providers, id)
	}
	for _, v := range c.query["what"] {
		f.what = with(f.what, v)
	}
	return f, nil
}

func with(set map[string]bool, v string) map[string]bool {
	if set == nil {
		set = map[string]bool{}
	}
	set[v] = true
	return set
}

func (f changeFilter) any() bool { return f.providers == nil && f.what == nil }

func (f changeFilter) takes(line journal.Line) bool {
	kind, provider, _, err := federation.SplitKey(line.Key)
	return err == nil && (f.providers == nil || f.providers[provider]) && (f.what == nil || f.what[string(kind)])
}

// since is the position from which a request wants to read.
func (a *API) since(c *call) (journal.Position, error) {
	name, asked := "since", c.query.Get("since")
	if last := strings.TrimSpace(c.huma.Header("Last-Event-ID")); last != "" {
		name, asked = "Last-Event-ID", last
	}
	switch asked {
	case "", "0":
		return a.cfg.Changes.Beginning(), nil
	case "now":
		return a.cfg.Changes.End(), nil
	}
	p, err := a.cfg.Changes.Parse(asked)
	if errors.Is(err, journal.ErrPosition) {
		err = &parameterError{Parameter: name, Value: asked, Message: err.Error() + "; 0 is the beginning", Suggestion: federation.Closest(asked, []string{"now"})}
	}
	return p, err
}

func (a *API) listChanges(c *call) (response, error) {
	from, err := a.since(c)
	if err != nil {
		return response{}, err
	}
	filter, err := a.changeFilter(c, from.Seq > 0)
	if err != nil {
		return response{}, err
	}
	limit := changeItems
	if n := number(c.query, "limit"); n != nil {
		limit = int(*n)
	}
	header := a.rootHeaders() // before the lines, which are of this state or a later one
	items, to, more, err := a.changes(c.ctx, from, limit, filter)
	if err != nil {
		return response{}, err
	}
	out := ChangePage{List: listOf(items), More: more}
	out.TotalIsExact = !more
	if out.Cursor, err = a.cfg.Changes.Text(to); err != nil {
		return response{}, err
	}
	header["Vary"] = "Accept, Accept-Encoding"
	next := a.changesURL(c, out.Cursor)
	out.Next, header["Link"] = &next, "<"+next+`>; rel="next"`
	return response{value: out, header: header}, nil
}

func (a *API) changesURL(c *call, cursor string) string {
	c.query.Set("since", cursor)
	return a.base(c) + changesPath + "?" + c.query.Encode()
}

// changes reads one page. It ends early rather than late.
func (a *API) changes(ctx context.Context, from journal.Position, limit int, f changeFilter) (items []Change, to journal.Position, more bool, err error) {
	scan := limit
	if !f.any() {
		scan = changeScan
	}
	lines, to, more, err := a.cfg.Changes.After(from, scan)
	if err != nil {
		return nil, from, false, inside(err)
	}
	began := time.Now()
	for i, line := range lines {
		if !f.takes(line) {
			continue
		}
		item, err := a.change(line, from)
		if err != nil {
			return nil, from, false, err
		}
		items = append(items, item)
		if full := len(items) == limit || time.Since(began) > changesTime || ctx.Err() != nil; full && i+1 < len(lines) {
			return items, from.At(line.Seq), true, nil
		}
	}
	return items, to, more, nil
}

// change of a line, for somebody who has read up to from.
func (a *API) change(line journal.Line, from journal.Position) (Change, error) {
	kind, provider, subject, err := federation.SplitKey(line.Key)
	if err != nil {
		return Change{}, inside(err)
	}
	out := Change{What: kind, IRI: subject, Provider: provider, Record: line.CID.String(), At: time.Unix(line.At, 0).UTC()}
	out.Cursor, err = a.cfg.Changes.Text(from.At(line.Seq))
	if err != nil {
		return Change{}, err
	}
	var note changeNote
	switch {
	case line.Gone:
		out.Kind, note = changeWithdrawn, readNote(line.Note)
	case line.Born > from.Seq || line.Seq <= from.Horizon:
		out.Kind, note = changeAdded, noteOf(a.courses, line.Key, line.CID)
	default:
		out.Kind, note = changeChanged, noteOf(a.courses, line.Key, line.CID)
	}
	out.Publisher = note.publisher
	if kind != federation.KindCourse {
		return out, nil
	}
	if out.ID = &note.id; note.id == "" {
		*out.ID = elm.UUIDOf(subject) // the record is gone
	}
	return out, nil
}

// changeNote is what a change says of its record.
type changeNote struct {
	id        string // of a course
	publisher federation.PublisherID
}

func (n changeNote) String() string { return fmt.Sprintf("%s %s", n.publisher, n.id) }

func readNote(text string) changeNote {
	publisher, id, _ := strings.Cut(text, " ")
	return changeNote{id, federation.PublisherID(publisher)}
}

// noteOf is empty when the record is held no longer: a newer change of its key is on its way.
func noteOf(r *course.Reader, key string, c cid.Cid) changeNote {
	if kind, _, _, err := federation.SplitKey(key); err == nil && kind == federation.KindCourse {
		content, err := r.Content(c)
		if err != nil {
			return changeNote{}
		}
		return changeNote{content.View.UUID, content.Record.Publisher}
	}
	envelope, err := r.Get(c)
	if err != nil {
		return changeNote{}
	}
	record, err := federation.DecodeRecord(envelope)
	if err != nil {
		return changeNote{}
	}
	return changeNote{publisher: record.Publisher}
}

// Note returns what a journal is to remember of a withdrawn record so that its change can be told later.
func Note(get func(cid.Cid) ([]byte, error)) func(key string, record cid.Cid) string {
	reader := course.NewReader(course.Reader{Get: get})
	return func(key string, record cid.Cid) string { return noteOf(reader, key, record).String() }
}
