// Package keys holds the keys of a node, each in a file of its own: the host key (who the node is on the
// network), the publisher key (who signs records and heads), the RSA key (to which institutions encrypt
// secrets, with its predecessors) and those for signatures of HTTP requests. Files are PEM, PKCS #8, so ordinary tools read them; mode 0600, in a folder of mode
// 0700. A key that others could read is refused.
package keys

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	folder        = "keys"
	hostFile      = "host.pem"
	publisherFile = "publisher.pem"
	pemType       = "PRIVATE KEY"
)

// ErrShared says that two files hold one key.
var ErrShared = errors.New("both files hold the same key, and keys are separate")

// ErrExposed says that a key file or its folder may be read by others.
var ErrExposed = errors.New("key may be read by others")

// Ring opens the keys of a data directory.
type Ring struct {
	dir       string
	Host      crypto.PrivKey
	Publisher crypto.PrivKey

	mu   sync.Mutex // guards made, and the making of keys
	made map[string]cached
}

// Open reads the keys below a data directory and makes those that are not there yet.
func Open(dataDir string) (*Ring, error) {
	r := &Ring{dir: filepath.Join(dataDir, folder), made: map[string]cached{}}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return nil, err
	}
	if err := private(r.dir, 0o077); err != nil {
		return nil, err
	}
	if err := r.guarded(); err != nil {
		return nil, err
	}
	var err error
	if r.Host, err = r.ed25519(hostFile); err != nil {
		return nil, err
	}
	if r.Publisher, err = r.ed25519(publisherFile); err != nil {
		return nil, err
	}
	return r, r.distinct()
}

// Present reports whether a data directory has the keys that Open would otherwise make.
func Present(dataDir string) bool {
	for _, name := range []string{hostFile, publisherFile} {
		if _, err := os.Stat(filepath.Join(dataDir, folder, name)); err != nil {
			return false
		}
	}
	return true
}

// distinct refuses one key in both files: each key has one purpose, and losing one must not mean losing both.
func (r *Ring) distinct() error {
	if !r.Host.Equals(r.Publisher) {
		return nil
	}
	host, publisher := filepath.Join(r.dir, hostFile), filepath.Join(r.dir, publisherFile)
	return fmt.Errorf("%s and %s: %w; restore the right file from a backup, or move %s away to start with a new network identity (publishing stays as it is)", host, publisher, ErrShared, host)
}

// guarded refuses the first key file that others may read, whether it is needed now or not: old keys decrypt and
// sign like new ones.
func (r *Ring) guarded() error {
	files, err := os.ReadDir(r.dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		if filepath.Ext(file.Name()) != ".pem" {
			continue
		}
		if err := private(filepath.Join(r.dir, file.Name()), 0o177); err != nil {
			return err
		}
	}
	return nil
}

func (r *Ring) ed25519(name string) (crypto.PrivKey, error) {
	key, err := r.key(name, func() (any, error) {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	})
	if err != nil {
		return nil, err
	}
	typed, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds no Ed25519 key; restore it from a backup, or move it away to start with a new one", filepath.Join(r.dir, name))
	}
	return crypto.UnmarshalEd25519PrivateKey(typed)
}

// key reads a file, or makes it.
func (r *Ring) key(name string, generate func() (any, error)) (any, error) {
	path := filepath.Join(r.dir, name)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return r.create(path, generate)
	}
	if err != nil {
		return nil, err
	}
	if err := private(path, 0o177); err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != pemType {
		return nil, fmt.Errorf("%s is no PEM private key; restore it from a backup, or move it away to start with a new one", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// create writes a new key beside its place and links it there, so that a crash leaves no half a key
// and a second process loses the race rather than replace a key.
func (r *Ring) create(path string, generate func() (any, error)) (any, error) {
	key, err := generate()
	if err != nil {
		return nil, err
	}
	file, err := r.write(key)
	if err != nil {
		return nil, err
	}
	defer os.Remove(file)
	return key, os.Link(file, path)
}

// write puts a key into a file of its own, to be linked or renamed, and returns its name.
func (r *Ring) write(key any) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	return r.keep(pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}))
}

// keep writes a text into a file of its own.
func (r *Ring) keep(text []byte) (string, error) {
	f, err := os.CreateTemp(r.dir, "new.*") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// private refuses a path on which any of the forbidden mode bits is set.
func private(path string, forbidden fs.FileMode) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&forbidden != 0 {
		return fmt.Errorf("%s has mode %04o: %w; run: chmod %04o %s", path, mode, ErrExposed, mode&^forbidden, path)
	}
	return nil
}

// NewKey tells which Ed25519 key took whose place; the ids are libp2p peer ids.
type NewKey struct {
	New  string `json:"new"`
	Old  string `json:"old"`
	Kept string `json:"kept"` // the old key's file
}

// RotatePublisher puts a new publisher key in the place of the current one, which stays in a file named by its
// id. A crash on the way leaves the old key in force. A node that runs signs with the old one until it ends.
func (r *Ring) RotatePublisher() (NewKey, error) { return r.rotate(publisherFile, r.Publisher) }

// RotateHost does the same for the host key.
func (r *Ring) RotateHost() (NewKey, error) { return r.rotate(hostFile, r.Host) }

func (r *Ring) rotate(name string, current crypto.PrivKey) (done NewKey, err error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return done, err
	}
	next, err := crypto.UnmarshalEd25519PrivateKey(private)
	if err != nil {
		return done, err
	}
	if done.Old, err = idOf(current); err == nil {
		done.New, err = idOf(next)
	}
	if err != nil {
		return done, err
	}
	path := filepath.Join(r.dir, name)
	done.Kept = filepath.Join(r.dir, strings.TrimSuffix(name, ".pem")+"-old-"+done.Old[len(done.Old)-8:]+".pem")
	if err := os.Link(path, done.Kept); err != nil && !errors.Is(err, fs.ErrExist) {
		return done, err
	}
	return done, r.replace(path, private)
}

func idOf(key crypto.PrivKey) (string, error) {
	id, err := peer.IDFromPrivateKey(key)
	return id.String(), err
}

// replace puts a key in the place of another one, whole and durably.
func (r *Ring) replace(path string, key any) error {
	file, err := r.write(key)
	if err != nil {
		return err
	}
	if err := r.move(file, filepath.Base(path)); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	return nil
}

// move gives a file of the folder another name, durably.
func (r *Ring) move(file, name string) error {
	if err := os.Rename(file, filepath.Join(r.dir, name)); err != nil {
		return err
	}
	dir, err := os.Open(r.dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
