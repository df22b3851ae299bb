package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/coursemesh/coursemesh/adapters/access"
)

const signerBits = 3072

// signerKeys says where the key for a signature algorithm lies and how it is made. Beside it lie the one that is
// announced, NAME-next.pem, and the public half of the one before, NAME-old.pub.
var signerKeys = map[string]struct {
	name     string
	generate func() (any, error)
}{
	access.Ed25519: {"httpsig-ed25519", func() (any, error) {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	}},
	access.ECDSA:  {"httpsig-ecdsa-p256", func() (any, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }},
	access.RSAPSS: {"httpsig-rsa-pss", func() (any, error) { return rsa.GenerateKey(rand.Reader, signerBits) }},
}

// States of a key that verifies signed requests.
const (
	Current  = "current"
	Next     = "next"     // announced: signs nothing yet
	Previous = "previous" // signs nothing new; harvests that began before the rotation still use it
)

// Overlap is how long a replaced key is shown still: longer than any harvest that began with it, and than anything
// may keep the list of keys without asking again.
const Overlap = 24 * time.Hour

// VerificationKey is the public half of a key for signed requests.
type VerificationKey struct {
	Key   crypto.PublicKey
	State string
	Until time.Time // of a previous one: when it is no longer shown
}

// Signer is the key for an algorithm of HTTP message signatures, made on first use.
func (r *Ring) Signer(alg string) (crypto.Signer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.signer(alg, ".pem")
}

// signer opens one of the files of an algorithm, and makes what is not there. The caller holds mu.
func (r *Ring) signer(alg, suffix string) (crypto.Signer, error) {
	place, ok := signerKeys[alg]
	if !ok {
		return nil, fmt.Errorf("no key for the signature algorithm %q", alg)
	}
	key, err := r.current(place.name+suffix, place.generate)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%s holds no key that signs", filepath.Join(r.dir, place.name+suffix))
	}
	return signer, nil
}

// Verification lists the keys that whoever verifies requests should know for an algorithm, the current one first.
func (r *Ring) Verification(alg string) ([]VerificationKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, err := r.signer(alg, ".pem")
	if err != nil {
		return nil, err
	}
	out := []VerificationKey{{Key: now.Public(), State: Current}}
	if r.holds(signerKeys[alg].name + "-next.pem") {
		next, err := r.signer(alg, "-next.pem")
		if err != nil {
			return nil, err
		}
		out = append(out, VerificationKey{Key: next.Public(), State: Next})
	}
	old, err := r.previous(signerKeys[alg].name + "-old.pub")
	if err != nil {
		return nil, err
	}
	if old != nil && old.Until.After(time.Now()) && !same(old.Key, now.Public()) { // the same when a rotation was interrupted
		out = append(out, *old)
	}
	return out, nil
}

func same(a, b crypto.PublicKey) bool {
	comparable, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && comparable.Equal(b)
}

func (r *Ring) holds(name string) bool {
	_, err := os.Stat(filepath.Join(r.dir, name))
	return err == nil
}

// previous reads the public half of a replaced key; nil when there is none.
func (r *Ring) previous(name string) (*VerificationKey, error) {
	path := filepath.Join(r.dir, name)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("%s is no PEM public key; delete it", path)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; delete it", path, err)
	}
	return &VerificationKey{Key: key, State: Previous, Until: info.ModTime().Add(Overlap)}, nil
}

// AnnounceSigner makes the key that the next rotation puts in force, so that those who keep a list of keys can take
// it up before the first request is signed with it. One that was announced before stays.
func (r *Ring) AnnounceSigner(alg string) (Rotation, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next, err := r.signer(alg, "-next.pem")
	if err != nil {
		return Rotation{}, err
	}
	now, err := r.signer(alg, ".pem")
	if err != nil {
		return Rotation{}, err
	}
	return rotation(next.Public(), now.Public())
}

// RotateSigner puts the announced key, else a new one, in the place of the one for a signature algorithm. Of the old
// one the public half stays, to be shown for the time of Overlap. A running node signs with the new one in harvests
// that begin from now on. A crash on the way leaves the old key in force.
func (r *Ring) RotateSigner(alg string) (Rotation, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	old, err := r.signer(alg, ".pem")
	if err != nil {
		return Rotation{}, err
	}
	next, err := r.signer(alg, "-next.pem")
	if err != nil {
		return Rotation{}, err
	}
	name := signerKeys[alg].name
	text, err := PEM(old.Public())
	if err != nil {
		return Rotation{}, err
	}
	file, err := r.keep(text)
	if err == nil {
		err = r.move(file, name+"-old.pub")
	}
	if err == nil {
		err = r.move(filepath.Join(r.dir, name+"-next.pem"), name+".pem")
	}
	if err != nil {
		return Rotation{}, err
	}
	return rotation(next.Public(), old.Public())
}

func rotation(next, now crypto.PublicKey) (done Rotation, err error) {
	if done.Fingerprint, err = access.Fingerprint(next); err == nil {
		done.Previous, err = access.Fingerprint(now)
	}
	return done, err
}
