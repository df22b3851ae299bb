// Package backup writes a node's data directory into one file and puts it back.
//
// A backup is a tar archive, compressed with zstd: what it is (backup.json), one state of the database
// without anything that was deleted, the number signed last, the configuration if it lies in the data
// directory, and the keys when asked for. Snapshots of sources are left out: a harvest makes them anew.
//
// A restored node never signs a number that it may have signed before: it continues in an epoch above that of
// the backup, above what the directory remembers, and above the seconds since 1970, so that of two restored
// backups the later one is above the earlier one without having seen it.
package backup

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/klauspost/compress/zstd"
)

// Info says what a backup is.
type Info struct {
	Format    int                    `json:"format"`
	Made      time.Time              `json:"made"`
	Version   string                 `json:"version"` // of the program
	Publisher federation.PublisherID `json:"publisher"`
	Keys      bool                   `json:"keys"` // they are inside
	Bytes     int64                  `json:"bytes,omitempty"`
	File      string                 `json:"file,omitempty"`
}

const (
	format = 1

	infoName     = "backup.json"
	databaseName = "coursemesh.db"
	ledgerName   = "head.json"
	configName   = "coursemesh.yaml"
	keysDir      = "keys"
)

// Source is what a backup is made of.
type Source struct {
	Dir  string                  // data directory
	Copy func(path string) error // writes the database's rows into a new file
	Info Info
}

// Write makes a backup in a file that is not there yet; a failed one is removed. The ledger is read after
// the database, so it is never behind it.
func Write(file string, s Source) (info Info, err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%w; a backup never replaces a file: give another name", err)
	}
	if err != nil {
		return Info{}, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file))
		}
	}()
	if err := s.write(f); err != nil {
		return Info{}, errors.Join(err, f.Close())
	}
	stat, err := f.Stat()
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return Info{}, err
	}
	info = s.Info
	info.Format, info.Bytes, info.File = format, stat.Size(), file
	return info, nil
}

func (s Source) write(w io.Writer) error {
	packed, err := zstd.NewWriter(w)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(packed)
	err = s.parts(archive)
	return errors.Join(err, archive.Close(), packed.Close())
}

func (s Source) parts(archive *tar.Writer) error {
	s.Info.Format = format
	about, err := json.MarshalIndent(s.Info, "", "  ")
	if err != nil {
		return err
	}
	if err := addBytes(archive, infoName, about); err != nil {
		return err
	}
	if err := s.database(archive); err != nil {
		return err
	}
	for _, name := range []string{ledgerName, configName} {
		if err := addFile(archive, s.Dir, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if !s.Info.Keys {
		return nil
	}
	entries, err := os.ReadDir(filepath.Join(s.Dir, keysDir))
	for _, e := range entries {
		if path.Ext(e.Name()) == ".pem" && err == nil {
			err = addFile(archive, s.Dir, path.Join(keysDir, e.Name()))
		}
	}
	return err
}

// database copies the database beside the original, so that the archive holds one state of it.
func (s Source) database(archive *tar.Writer) error {
	dir, err := os.MkdirTemp(s.Dir, "backup-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := s.Copy(filepath.Join(dir, databaseName)); err != nil {
		return err
	}
	return addFile(archive, dir, databaseName)
}

func addBytes(archive *tar.Writer, name string, data []byte) error {
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), Typeflag: tar.TypeReg}); err != nil {
		return err
	}
	_, err := archive.Write(data)
	return err
}

func addFile(archive *tar.Writer, dir, name string) error {
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime(), Typeflag: tar.TypeReg}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	if _, err := io.CopyN(archive, f, info.Size()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
