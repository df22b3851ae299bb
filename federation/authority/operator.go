package authority

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/federation"
)

// Trust is an operator's statement that a publisher speaks for the source domains a pattern matches.
type Trust struct {
	ID       federation.PublisherID `yaml:"id" json:"id"`
	Provider string                 `yaml:"provider" json:"provider"` // provider id or pattern: "*.example", "*"
	Class    federation.Class       `yaml:"class" json:"class"`       // member, the default, or authoritative
}

// Steward is an authority by the operator's statement: its domain may speak for the providers that a pattern
// matches, and whom it delegates may publish for them. A ministry with a national course database is one.
type Steward struct {
	Domain    string   `yaml:"domain" json:"domain"`
	Providers []string `yaml:"providers" json:"providers"` // provider ids or patterns
}

func (s Steward) over(provider string) bool {
	return slices.ContainsFunc(s.Providers, func(pattern string) bool { return matches(pattern, provider) })
}

// Freeze is an operator's decision that a publisher's held set stays as it is.
type Freeze struct {
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Check normalises an operator's statement; the error says what is wrong with which part of it.
func (t *Trust) Check() error {
	if t.Class == "" {
		t.Class = federation.Member
	}
	var problems []error
	if !t.ID.Valid() {
		problems = append(problems, fmt.Errorf("id: %q is no publisher id (12D3Koo...)", t.ID))
	}
	if t.Class != federation.Member && t.Class != federation.Authoritative {
		problems = append(problems, fmt.Errorf("class: %q: an operator's trust is of class member or authoritative; the others follow from manifests", t.Class))
	}
	return errors.Join(append(problems, CheckPattern("provider", t.Provider))...)
}

// CheckPattern refuses what matches no provider.
func CheckPattern(key, pattern string) error {
	_, err := path.Match(pattern, "")
	if err != nil || !strings.ContainsAny(pattern, `*?[\`) && !federation.ValidProvider(pattern) {
		return fmt.Errorf("%s: %q is neither a provider id such as uni.example nor a pattern such as *.example", key, pattern)
	}
	return nil
}

// Trusted lists what the operator trusts, from configuration and by Trust.
func (a *Authority) Trusted() []Trust {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Clone(a.trust)
}

// ErrNotTrusted says that there is no such statement to take back.
var ErrNotTrusted = errors.New("no such trust was given by command; what the configuration says is changed there")

// Trust adds an operator's statement and keeps it; one about the same publisher and pattern is replaced.
func (a *Authority) Trust(t Trust) error {
	if err := t.Check(); err != nil {
		return err
	}
	if err := a.trusted.Put(t.key(), t); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.retrust(append(a.without(t.key()), t))
	return nil
}

// Distrust takes back what Trust kept about a publisher and pattern.
func (a *Authority) Distrust(p federation.PublisherID, pattern string) error {
	key := Trust{ID: p, Provider: pattern}.key()
	if _, err := a.trusted.Get(key); err != nil {
		return fmt.Errorf("%s for %s: %w", p, pattern, ErrNotTrusted)
	}
	if err := a.trusted.Delete(key); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.retrust(a.without(key))
	return nil
}

func (t Trust) key() string { return string(t.ID) + " " + t.Provider }

// without lists the statements but that of a key, unless the configuration makes it; a.mu is held.
func (a *Authority) without(key string) []Trust {
	return slices.DeleteFunc(slices.Clone(a.trust), func(t Trust) bool { return t.key() == key && !slices.Contains(a.cfg.Trust, t) })
}

func (a *Authority) retrust(trust []Trust) {
	a.trust = trust
	a.bump()
}

// Freeze keeps a publisher's held set as it is: newer heads are not applied until Unfreeze.
func (a *Authority) Freeze(p federation.PublisherID, reason string) error {
	f := Freeze{Reason: reason, Since: a.cfg.Now().UTC()}
	if err := a.freezes.Put(string(p), f); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.frozen[p] = f
	a.bump()
	return nil
}

// ErrNotFrozen says that there is nothing to unfreeze.
var ErrNotFrozen = errors.New("this publisher is not frozen")

// Unfreeze lets a publisher's newer heads in again.
func (a *Authority) Unfreeze(p federation.PublisherID) error {
	if _, ok := a.FrozenSince(p); !ok {
		return fmt.Errorf("%s: %w", p, ErrNotFrozen)
	}
	if err := a.freezes.Delete(string(p)); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.frozen, p)
	a.bump()
	return nil
}

// Frozen says whether newer heads of a publisher are kept out, and why.
func (a *Authority) Frozen(p federation.PublisherID) (reason string, frozen bool) {
	f, frozen := a.FrozenSince(p)
	return f.Reason, frozen
}

// FrozenSince is the operator's decision about a publisher.
func (a *Authority) FrozenSince(p federation.PublisherID) (Freeze, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	f, ok := a.frozen[p]
	return f, ok
}
