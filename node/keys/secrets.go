package keys

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/adapters/access"
)

const (
	rsaFile = "secrets-rsa.pem"
	oldRSA  = "secrets-rsa-old-" // and the fingerprint
	rsaBits = 4096
)

// cached is a key and the file it was read from, which another process may replace.
type cached struct {
	key  any
	file fs.FileInfo
}

// current reads the file again when it is another one than last time. The caller holds mu.
func (r *Ring) current(name string, generate func() (any, error)) (any, error) {
	path := filepath.Join(r.dir, name)
	if info, err := os.Stat(path); err == nil {
		held, ok := r.made[name]
		if ok && os.SameFile(held.file, info) && held.file.ModTime().Equal(info.ModTime()) {
			return held.key, nil
		}
	}
	key, err := r.key(name, generate)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	r.made[name] = cached{key, info}
	return key, nil
}

// RSA is the key for secrets in manifests, made on first use since that takes seconds. A running node sees
// the key that `key rotate` made beside it.
func (r *Ring) RSA() (*rsa.PrivateKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rsa(rsaFile)
}

func (r *Ring) rsa(name string) (*rsa.PrivateKey, error) {
	key, err := r.current(name, func() (any, error) { return rsa.GenerateKey(rand.Reader, rsaBits) })
	if err != nil {
		return nil, err
	}
	typed, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds no RSA key; restore it from a backup, or move it away to start with a new one", filepath.Join(r.dir, name))
	}
	return typed, nil
}

// Secrets are the RSA keys with which secrets in manifests may have been encrypted, the current one first,
// then those it replaced, the newest first. There are none before the first was shown to anybody.
func (r *Ring) Secrets() ([]*rsa.PrivateKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	names, err := r.rsaFiles()
	if err != nil {
		return nil, err
	}
	var keys []*rsa.PrivateKey
	for _, name := range names {
		key, err := r.rsa(name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func (r *Ring) rsaFiles() ([]string, error) {
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	made := map[string]time.Time{}
	for _, e := range entries {
		if e.Name() != rsaFile && !(strings.HasPrefix(e.Name(), oldRSA) && strings.HasSuffix(e.Name(), ".pem")) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		names, made[e.Name()] = append(names, e.Name()), info.ModTime()
	}
	slices.SortFunc(names, func(a, b string) int {
		if (a == rsaFile) != (b == rsaFile) {
			return map[bool]int{true: -1, false: 1}[a == rsaFile]
		}
		return made[b].Compare(made[a])
	})
	return names, nil
}

// Rotation is the outcome of RotateRSA and RotateSigner.
type Rotation struct {
	Fingerprint string `json:"key_fingerprint"`
	Previous    string `json:"previous_fingerprint,omitempty"` // "" when there was no key before
}

// RotateRSA puts a new RSA key in the place of the current one, which stays to decrypt what was encrypted to
// it. A crash on the way leaves the old key in force.
func (r *Ring) RotateRSA() (Rotation, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		return Rotation{}, err
	}
	var done Rotation
	if done.Fingerprint, err = access.Fingerprint(&key.PublicKey); err != nil {
		return done, err
	}
	if done.Previous, err = r.keepRSA(); err != nil {
		return done, err
	}
	return done, r.replace(filepath.Join(r.dir, rsaFile), key)
}

// keepRSA gives the current key a second name, under which it outlives its successor.
func (r *Ring) keepRSA() (fingerprint string, err error) {
	path := filepath.Join(r.dir, rsaFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	key, err := r.rsa(rsaFile)
	if err != nil {
		return "", err
	}
	if fingerprint, err = access.Fingerprint(&key.PublicKey); err != nil {
		return "", err
	}
	err = os.Link(path, filepath.Join(r.dir, oldRSA+fingerprint+".pem"))
	if errors.Is(err, fs.ErrExist) { // an earlier rotation was interrupted here
		err = nil
	}
	return fingerprint, err
}

// PEM writes a public key as SubjectPublicKeyInfo.
func PEM(key any) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// RSASince is when the current RSA key was made.
func (r *Ring) RSASince() (time.Time, error) {
	if _, err := r.RSA(); err != nil {
		return time.Time{}, err
	}
	info, err := os.Stat(filepath.Join(r.dir, rsaFile))
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}
