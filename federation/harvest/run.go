package harvest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/store"
)

const stageBatch = 500 // records staged in one transaction

// run reads one source once.
type run struct {
	h      *Harvester
	state  SourceState               // without secrets, to be stored
	spec   federation.ManifestSource // as announced
	pass   *access.Pass
	opts   Options
	drafts map[string]draft // of the whole harvest; a nil CID withdraws
	file   string           // local file to read in place of the source's path
	trial  *SourceTrial     // nil unless nothing is to be kept

	owners   *owners
	before   []string // keys of the last complete listing, sorted
	answers  *answers // nil: of a local file or a trial
	report   Report
	seen     map[string]bool // keys listed by this run
	mapped   map[string]bool // mappings that items of this run came through
	rests    string          // see basis
	admitted bool            // to the documents in memory
	delayed  int             // courses whose change of volatile facts waits for its day
	broken   map[string]bool // subjects listed by this run that cannot be used now: their old records stay
	nameless int             // entries listed by this run that could be any course
	tally    profile.Tally

	institutions map[string]bool // see institution
	staged       []store.Block
	fetched      responses
	started      time.Time
}

// execute runs the adapter over the source and keeps state and log. Only failures of this node's own
// storage, or a cancelled context, are errors; a source's failure is in the report.
func (r *run) execute(ctx context.Context) error {
	r.started, r.seen, r.broken = r.h.cfg.Now(), map[string]bool{}, map[string]bool{}
	r.mapped = map[string]bool{}
	r.owners = r.h.owners()
	r.before = r.owners.listed(sourceKey(r.state.Domain, r.state.Spec.Key()))
	if r.file != "" {
		return r.through(ctx)
	}
	var err error
	if r.answers, err = r.h.openAnswers(sourceKey(r.state.Domain, r.state.Spec.Key()), r.opts.Fresh); err != nil {
		return err
	}
	if err := r.through(ctx); err != nil {
		return errors.Join(err, r.answers.file.Close()) // without the mark of an end: the next run takes it up
	}
	return r.answers.end()
}

func (r *run) through(ctx context.Context) error {
	outcome := r.read(ctx)
	r.leave()
	if err := r.flush(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var fatal *storageError
	if errors.As(outcome, &fatal) {
		return fatal.err
	}
	return r.conclude(outcome)
}

// storageError is a failure of this node, not of the source.
type storageError struct{ err error }

func (e *storageError) Error() string { return e.err.Error() }

// read goes through the items of the source. nil means a complete listing.
func (r *run) read(ctx context.Context) error {
	adapter, err := r.enter(r.h.access)
	if err != nil {
		return err
	}
	return r.items(ctx, adapter, func(item adapters.Item) error { return r.take(ctx, item, cmp.Or(item.Mapping, adapter.Mapping())) })
}

// enter finds the adapter and readies the credentials.
func (r *run) enter(gate *access.Gate) (adapters.Adapter, error) {
	spec := r.state.Spec
	adapter, ok := r.h.cfg.Adapters[spec.Type]
	if !ok {
		known := slices.Sorted(maps.Keys(r.h.cfg.Adapters))
		return nil, fmt.Errorf("source type %q is not read by this version; it reads %s", spec.Type, strings.Join(known, ", "))
	}
	if spec.Unusable != "" {
		return nil, errors.New(spec.Unusable)
	}
	var err error
	r.pass, err = gate.Open(r.state.Domain, r.spec)
	return adapter, err
}

// items hands every item to take, and notes the records that are lost.
func (r *run) items(ctx context.Context, adapter adapters.Adapter, take func(adapters.Item) error) error {
	source := adapters.Source{ManifestSource: access.Unarmed(r.spec), Provider: r.state.Domain, Memory: r.memory()}
	for item, err := range adapter.Read(ctx, r.get, source, r.state.Complete) {
		var rejected *adapters.RecordError
		switch {
		case errors.As(err, &rejected):
			r.report.Fetched++
			r.reject(Problem{Subject: rejected.Subject, Where: rejected.Where, Field: rejected.Field, Message: says(rejected.Field, rejected.Message), Fix: rejected.Fix})
		case err != nil:
			return err
		default:
			if err := take(item); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func says(field, message string) string {
	if field == "" {
		return message
	}
	return field + ": " + message
}

// finding is a note of an adapter in the terms of a report.
func (r *run) finding(item adapters.Item, n adapters.Note) Problem {
	return Problem{
		Subject: item.Graph.Subject.String(), Where: r.place(item.Where), Field: n.Field, Value: clip(n.Value),
		Message: says(n.Field, n.Message), Fix: n.Fix,
	}
}

// clip keeps values of a source short.
func clip(value string) string {
	const most = 200
	if len(value) <= most {
		return value
	}
	return strings.ToValidUTF8(value[:most], "") + "..."
}

// place names local files as the person gave them.
func (r *run) place(where string) string {
	if r.file != "" {
		return strings.Replace(where, r.state.Spec.Path, r.file, 1)
	}
	return where
}

// take turns an item into a staged draft, or reports why it cannot be used.
func (r *run) take(ctx context.Context, item adapters.Item, mapping string) error {
	if item.Deleted {
		return nil // absent from seen: withdrawn with the complete listing
	}
	r.report.Fetched++
	if r.report.Fetched%100 == 0 {
		r.opts.tell(Event{Domain: r.state.Domain, Source: r.state.Spec.Key(), Done: r.report.Fetched})
	}
	for _, n := range item.Notes {
		r.report.note(r.finding(item, n))
	}
	r.judge(item)
	r.mapped[mapping] = true
	if key, ok := r.asBefore(item, mapping); ok {
		r.seen[key] = true
		return nil
	}
	record, problem := r.statement(item, mapping)
	if problem != nil {
		r.reject(*problem)
		return nil
	}
	key := record.Key()
	if r.seen[key] {
		r.report.note(Problem{
			Subject: record.Subject, Where: r.place(item.Where),
			Message: "the source lists this course twice; the first one counts", Fix: "list every course once",
		})
		return nil
	}
	r.seen[key] = true
	if r.owners.yields(sourceKey(r.state.Domain, r.state.Spec.Key()), r.state.Domain, r.state.Order, key) {
		return nil
	}
	return r.draft(ctx, key, record, item.Where)
}

// reject reports a course that is listed but cannot be used. What was said of it before stays.
func (r *run) reject(p Problem) {
	p.Where = r.place(p.Where)
	r.report.reject(p)
	if p.Subject == "" {
		r.nameless++
	}
	r.broken[p.Subject] = true
	r.broken[elm.Mint(r.state.Domain, p.Subject)] = true
}

// listed says that the source still holds the key, usable or not.
func (r *run) listed(key string) bool {
	_, _, subject, err := federation.SplitKey(key)
	return r.seen[key] || (err == nil && r.broken[subject])
}

// draft signs and stages a record unless the publisher says the same already.
func (r *run) draft(ctx context.Context, key string, record federation.Record, where string) error {
	if d, ok := r.drafts[key]; ok && d.cid.Defined() {
		return nil // an earlier source of this manifest has it
	}
	held, err := r.held(key)
	if err != nil {
		return &storageError{err}
	}
	if held != nil && sameStatement(held.record, record) {
		delete(r.drafts, key) // an earlier source withdrew it
		return nil
	}
	if held != nil && r.waits(held.record, record) {
		delete(r.drafts, key)
		r.delayed++
		return nil
	}
	if record.Prev = r.h.cfg.Effective(key); held != nil {
		record.Prev = held.cid
	}
	if held != nil && !held.lost {
		r.watch(held.record, record, where)
	}
	envelope, err := record.Seal(r.h.cfg.Key())
	if err != nil {
		r.reject(Problem{Subject: record.Subject, Where: where, Message: err.Error(), Fix: "shorten the course, or split it"})
		return nil
	}
	block := store.Block{CID: federation.CIDOf(envelope), Data: envelope}
	r.drafts[key] = draft{cid: block.CID, domain: record.Source.Domain, bytes: len(envelope)}
	if r.report.New++; held != nil {
		r.report.New--
		r.report.Changed++
	}
	if r.staged = append(r.staged, block); len(r.staged) < stageBatch {
		return nil
	}
	return r.flush(ctx)
}

func (r *run) flush(ctx context.Context) error {
	if len(r.staged) == 0 {
		return nil
	}
	err := r.h.cfg.DB.Stage(ctx, r.staged)
	r.staged = nil
	if err != nil {
		return &storageError{err}
	}
	return nil
}
