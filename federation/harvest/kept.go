package harvest

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/fetch"
)

// kept asks for what is not held already. An answer that is as before is taken from its snapshot; of a source
// that is one document it ends the run with ErrUnchanged, when the last complete run read it by the same rules.
func (r *run) kept(ctx context.Context, address, target string) (*adapters.Response, error) {
	r.answers.asked++
	held := r.answers.of(target)
	there := r.snapshotOf(held) != ""
	if there && r.answers.standsIn(held) {
		return r.again(ctx, address, held)
	}
	request := r.request(http.MethodGet, target)
	if asBefore := r.settled(held); there || asBefore {
		request.ETag, request.LastModified = held.ETag, held.Modified
		if same, err := r.headSame(ctx, &held, target); err != nil {
			return nil, err
		} else if same {
			return r.again(ctx, address, held)
		}
	}
	resp, err := r.pass.Do(ctx, request)
	if err != nil {
		return nil, err
	}
	if request.ETag+request.LastModified != "" && (resp.Status == http.StatusNotModified || r.sameValidators(resp, held)) {
		_ = resp.Body.Close()
		return r.again(ctx, address, held.with(resp.Header))
	}
	return r.downloaded(ctx, address, held, resp)
}

// document says that the source is one document.
func (r *run) document() bool { return r.state.Spec.Type == "elm" }

// settled says that the answer was the whole of the last complete run, and read by the rules of today.
func (r *run) settled(held answer) bool {
	return r.document() && held.Said != "" && held.Said == held.Settled && r.sameBasis()
}

// sameValidators: some servers ignore conditions and still say truly what they have. Of a list in an API
// a date is not enough, since frameworks send one that never changes.
func (r *run) sameValidators(resp *fetch.Response, held answer) bool {
	if resp.Status != http.StatusOK {
		return false
	}
	if held.ETag != "" {
		return resp.Header.Get("ETag") == held.ETag
	}
	return r.document() && held.Modified != "" && resp.Header.Get("Last-Modified") == held.Modified
}

const noHead = "none"

// headSame asks by HEAD where GET gives no validators: servers need to offer only one of the two.
func (r *run) headSame(ctx context.Context, held *answer, target string) (bool, error) {
	if !r.document() || held.ETag+held.Modified != "" || held.Head == noHead {
		return false, nil
	}
	resp, err := r.pass.Do(ctx, r.request(http.MethodHead, target))
	if err != nil {
		return false, err
	}
	_ = resp.Body.Close()
	now := cmp.Or(strings.TrimSpace(resp.Header.Get("ETag")+" "+resp.Header.Get("Last-Modified")), noHead)
	if resp.Status != http.StatusOK {
		now = noHead
	}
	same := now != noHead && now == held.Head
	held.Head = now
	return same, nil
}

// again gives an answer that is as it was when it was downloaded.
func (r *run) again(ctx context.Context, address string, held answer) (*adapters.Response, error) {
	if err := r.answers.note(held, false); err != nil {
		return nil, &storageError{err}
	}
	if r.settled(held) {
		return nil, adapters.ErrUnchanged
	}
	if err := r.admit(ctx); err != nil {
		return nil, err
	}
	body, err := r.h.openSnapshot(held.Said)
	if err != nil {
		return nil, &storageError{err}
	}
	where := cmp.Or(held.URL, address)
	r.fetched.add(response{where, body.cid})
	header := http.Header{}
	for name, value := range held.Header {
		header.Set(name, value)
	}
	return &adapters.Response{URL: where, MediaType: held.Media, Header: header, Body: body}, nil
}

// headersRead by adapters.
var headersRead = []string{"Link", "X-Total-Count", "Content-Type"}

// with takes over what the server says now beside a body that is as it was (RFC 9111, section 3.2).
func (a answer) with(now http.Header) answer {
	header := maps.Clone(a.Header)
	for _, name := range headersRead {
		if value := now.Get(name); value != "" && header != nil {
			header[name] = value
		}
	}
	a.Header = header
	return a
}

// dateOf is the date of the answer's last change, where a condition may rest on it: what changed within a minute of
// the answer may change once more under the same date (RFC 9110, section 8.8.2.2).
func dateOf(header http.Header) string {
	changed, err := http.ParseTime(header.Get("Last-Modified"))
	if err != nil {
		return header.Get("Last-Modified")
	}
	if sent, err := http.ParseTime(header.Get("Date")); err == nil && sent.Sub(changed) < time.Minute {
		return ""
	}
	return header.Get("Last-Modified")
}

// downloaded takes a new answer and keeps a snapshot of it while it is read.
func (r *run) downloaded(ctx context.Context, address string, held answer, resp *fetch.Response) (*adapters.Response, error) {
	held.At = r.h.cfg.Now()
	if err := refused(address, resp); err != nil {
		if resp.Status >= http.StatusInternalServerError || resp.Status == http.StatusTooManyRequests {
			return nil, err // says nothing of what is there
		}
		held.Said, held.ETag, held.Modified = fmt.Sprintf("status %d", resp.Status), "", ""
		if failed := r.answers.note(held, true); failed != nil {
			return nil, &storageError{failed}
		}
		return nil, err
	}
	out := r.response(resp, address, nil)
	held.ETag, held.Modified, held.Media = resp.Header.Get("ETag"), dateOf(resp.Header), out.MediaType
	if held.URL = ""; out.URL != address {
		held.URL, _, _ = strings.Cut(out.URL, "?")
	}
	held.Header = map[string]string{}
	for _, name := range headersRead {
		if value := resp.Header.Get(name); value != "" {
			held.Header[name] = value
		}
	}
	body, err := r.record(out.URL, held, resp.Body)
	if err != nil {
		_ = resp.Body.Close()
		return nil, &storageError{err}
	}
	if out.Body = body; !r.document() {
		return out, nil
	}
	return r.whole(ctx, out, body)
}

// whole downloads a document before it is parsed: slow servers then hold up nobody who parses, and the same bytes,
// which servers that know nothing of conditions send again and again, are not parsed at all.
func (r *run) whole(ctx context.Context, out *adapters.Response, body *recording) (*adapters.Response, error) {
	_, err := io.Copy(io.Discard, body)
	_ = body.Close()
	if err != nil {
		return nil, err
	}
	if r.settled(body.answer) {
		return nil, adapters.ErrUnchanged
	}
	if err := r.admit(ctx); err != nil {
		return nil, err
	}
	out.Body, err = r.h.openSnapshot(body.answer.Said)
	if err != nil {
		return nil, &storageError{err}
	}
	return out, nil
}

// admit waits until a whole document may be taken into memory; the run gives the place back at its end.
func (r *run) admit(ctx context.Context) error {
	if !r.document() || r.admitted {
		return nil
	}
	select {
	case r.h.parsing <- struct{}{}:
		r.admitted = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *run) leave() {
	if r.admitted {
		<-r.h.parsing
		r.admitted = false
	}
}

// snapshotOf is the file of an answer's snapshot, "" when it is no longer there.
func (r *run) snapshotOf(held answer) string {
	if held.Said == "" || strings.HasPrefix(held.Said, "status ") {
		return ""
	}
	path := r.h.snapshotPath(held.Said)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}
