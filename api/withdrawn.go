package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/coursemesh/coursemesh/api/portal"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/store"
)

// History of a course, also of one that was withdrawn.
type History struct {
	List[Version]
	Withdrawn *Withdrawal `json:"withdrawn" doc:"When the course is no longer in the catalogue"`
}

// Withdrawal of a course.
type Withdrawal struct {
	Publisher federation.PublisherID `json:"publisher" doc:"Whose versions these are"`
	Head      string                 `json:"head" doc:"CID of the first head without the course; empty when that publisher no longer counts and nobody took the course over"`
	Epoch     uint64                 `json:"epoch"`
	Seq       uint64                 `json:"seq"`
	Issued    string                 `json:"issued"`
}

// withPast is withCourse that also finds courses which are no longer in the catalogue.
func (a *API) withPast(c *call, answer func(*call, catalogue.Item) (response, error)) (response, error) {
	id, provider := c.id(), c.query.Get("provider")
	if len(a.items(id, provider)) > 0 {
		return a.withCourse(c, answer)
	}
	items, err := a.gone(id, provider)
	switch {
	case err != nil:
		return response{}, inside(err)
	case len(items) == 0:
		return response{}, a.notFound(id, provider)
	case len(items) == 1:
		return answer(c, items[0])
	}
	choices, err := a.choices(c, id, items)
	return response{status: http.StatusMultipleChoices, value: choices}, err
}

// gone finds withdrawn courses by IRI, or by the UUID that is made of it. It looks through what was withdrawn,
// so one question at a time.
func (a *API) gone(id, provider string) (items []catalogue.Item, err error) {
	a.looking.Lock()
	defer a.looking.Unlock()
	prefix, keys := string(federation.KindCourse)+"|", map[string]bool{}
	if provider != "" {
		prefix += provider + "|"
		keys[prefix+id] = true // a publisher that counts no longer may not have withdrawn it
	}
	uuid := strings.ToLower(id)
	isUUID := len(uuid) == len("00000000-0000-0000-0000-000000000000")
	err = a.cfg.DB.Gone(prefix, func(_ federation.PublisherID, key string) {
		_, _, subject, err := federation.SplitKey(key)
		if err == nil && (subject == id || isUUID && elm.UUIDOf(subject) == uuid) {
			keys[key] = true
		}
	})
	for key := range keys {
		item, ok := a.cfg.Catalogue.Withdrawn(key)
		if !ok {
			continue
		}
		versions, err := a.versions(item)
		if err != nil {
			return nil, err
		}
		if len(versions) > 0 { // else all were erased
			item.CID = versions[0]
			items = append(items, item)
		}
	}
	return items, err
}

// withdrawal of a course, nil while it is in the catalogue.
func (a *API) withdrawal(item catalogue.Item) (*Withdrawal, error) {
	if _, there := a.cfg.Catalogue.Get(item.Key); there {
		return nil, nil
	}
	out := &Withdrawal{Publisher: item.Publisher}
	head, err := a.cfg.DB.Withdrawal(item.Publisher, item.Key)
	if errors.Is(err, store.ErrNotFound) {
		return out, nil
	}
	if err != nil {
		return nil, inside(err)
	}
	out.Head, out.Epoch, out.Seq, out.Issued = head.CID.String(), head.Epoch, head.Seq, stamp(head.Issued)
	return out, nil
}

// pastPage is what the portal shows of a withdrawn course.
func (a *API) pastPage(id, provider string) (out portal.Past, found bool, err error) {
	items, err := a.gone(id, provider)
	if err != nil || len(items) != 1 {
		return out, false, err
	}
	content, err := a.courses.Content(items[0].CID)
	if err != nil {
		return out, false, err
	}
	out.ID, out.IRI, out.Title, out.Provider = content.View.UUID, content.View.IRI, content.View.Title, content.Record.Provider
	var around portal.Around
	if err := a.past(items[0], &around); err != nil {
		return out, false, err
	}
	out.Versions, out.Older = around.Versions, around.Older
	w, err := a.withdrawal(items[0])
	if w != nil {
		out.Issued, out.Publisher, out.Head = w.Issued, w.Publisher, w.Head
	}
	return out, err == nil, err
}
