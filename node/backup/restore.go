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
	"regexp"
	"time"

	"github.com/klauspost/compress/zstd"
)

// What restoring refuses.
var (
	ErrOccupied = errors.New("the data directory holds a database already")
	ErrInvalid  = errors.New("this is no whole file of `coursemesh backup`")
)

// Limits of what is read from a backup, which may come from anywhere.
const (
	maxSmall  = 1 << 20 // backup.json, ledger, configuration, a key
	maxParts  = 64
	maxWindow = 64 << 20
)

// place is a directory that a backup is unpacked into, before it takes its place in one step a file.
const place = "restore.tmp"

// Restore unpacks a backup into a data directory without a database. Keys and configuration that are there
// stay as they are. Nothing is in place before all of the backup was read and found whole.
func Restore(file, dir string, now time.Time) (Info, error) {
	if _, err := os.Lstat(filepath.Join(dir, databaseName)); err == nil {
		return Info{}, fmt.Errorf("%s: %w; give another --data-dir, or move it away", dir, ErrOccupied)
	}
	f, err := os.Open(file)
	if err != nil {
		return Info{}, err
	}
	defer f.Close()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Info{}, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Info{}, err
	}
	defer root.Close()
	r := restoring{root: root}
	info, err := r.run(f, now)
	if errors.Is(err, ErrInvalid) {
		err = fmt.Errorf("%s: %w; nothing was restored, take another backup", file, err)
	}
	return info, errors.Join(err, root.RemoveAll(place))
}

// restoring is one restore under way.
type restoring struct {
	root  *os.Root
	names []string // unpacked, in the archive's order
}

func (r *restoring) run(f io.Reader, now time.Time) (Info, error) {
	if err := errors.Join(r.root.RemoveAll(place), r.root.MkdirAll(path.Join(place, keysDir), 0o700)); err != nil {
		return Info{}, err
	}
	info, err := r.unpack(f)
	if err != nil {
		return info, err
	}
	if err := r.raise(now); err != nil {
		return info, err
	}
	return info, r.settle()
}

func (r *restoring) unpack(f io.Reader) (Info, error) {
	packed, err := zstd.NewReader(f, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return Info{}, err
	}
	defer packed.Close()
	archive := tar.NewReader(packed)
	var info Info
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return info, r.whole(info)
		}
		if err != nil {
			return info, fmt.Errorf("%w: %v", ErrInvalid, err)
		}
		if err := r.part(header, archive, &info); err != nil {
			return info, err
		}
	}
}

// whole requires the parts without which there is no node.
func (r *restoring) whole(info Info) error {
	if info.Format != format {
		return fmt.Errorf("%w: it says nothing of itself", ErrInvalid)
	}
	for _, name := range r.names {
		if name == databaseName {
			return nil
		}
	}
	return fmt.Errorf("%w: the database is missing", ErrInvalid)
}

var keyName = regexp.MustCompile(`^keys/[a-z0-9][a-z0-9.-]{0,120}\.pem$`)

// part unpacks one known file; anything else does not belong into a backup.
func (r *restoring) part(header *tar.Header, body io.Reader, info *Info) error {
	limit := int64(maxSmall)
	switch {
	case header.Typeflag != tar.TypeReg || len(r.names) >= maxParts:
		return fmt.Errorf("%w: %q does not belong into it", ErrInvalid, header.Name)
	case header.Name == databaseName:
		limit = header.Size
	case header.Name == infoName, header.Name == ledgerName, header.Name == configName, keyName.MatchString(header.Name):
	default:
		return fmt.Errorf("%w: %q does not belong into it", ErrInvalid, header.Name)
	}
	if header.Size > limit {
		return fmt.Errorf("%w: %q has %d bytes", ErrInvalid, header.Name, header.Size)
	}
	if header.Name == infoName {
		return readInfo(body, info)
	}
	if info.Format == 0 {
		return fmt.Errorf("%w: %s does not come first", ErrInvalid, infoName)
	}
	r.names = append(r.names, header.Name)
	return r.save(header.Name, header.Size, body)
}

func readInfo(body io.Reader, info *Info) error {
	if err := json.NewDecoder(body).Decode(info); err != nil {
		return fmt.Errorf("%w: %s: %v", ErrInvalid, infoName, err)
	}
	if info.Format > format {
		return fmt.Errorf("the backup has format %d, this program knows %d; install the newer version", info.Format, format)
	}
	return nil
}

func (r *restoring) save(name string, size int64, body io.Reader) error {
	f, err := r.root.OpenFile(path.Join(place, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("%w: %s: %v", ErrInvalid, name, err)
	}
	n, err := io.Copy(f, body)
	if err == nil && n != size {
		err = fmt.Errorf("%w: %s ends early", ErrInvalid, name)
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// ledger is the file that keeps a node from signing one number twice.
type ledger struct {
	Epoch  uint64  `json:"epoch"`
	Seq    uint64  `json:"seq"`
	Healed []int64 `json:"healed,omitempty"`
}

// raise makes the next head open a new epoch.
func (r *restoring) raise(now time.Time) error {
	next := ledger{Epoch: uint64(max(now.Unix(), 1)), Seq: 1 << 53}
	for _, name := range []string{path.Join(place, ledgerName), ledgerName} {
		var known ledger
		data, err := r.root.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = json.Unmarshal(data, &known)
		}
		if err != nil {
			return fmt.Errorf("%w: %s: %v", ErrInvalid, name, err)
		}
		next.Epoch = max(next.Epoch, known.Epoch)
	}
	data, err := json.Marshal(next)
	if err != nil {
		return err
	}
	return r.root.WriteFile(path.Join(place, ledgerName), append(data, '\n'), 0o600)
}

// settle puts everything in its place; the ledger goes first, so that a crash on the way leaves no database
// without it. Keys and configuration that are there stay.
func (r *restoring) settle() error {
	if err := r.root.MkdirAll(keysDir, 0o700); err != nil {
		return err
	}
	if err := errors.Join(r.root.Rename(path.Join(place, ledgerName), ledgerName), r.sync()); err != nil {
		return err
	}
	for _, name := range r.names {
		if name == ledgerName {
			continue
		}
		if _, err := r.root.Lstat(name); err == nil {
			continue
		}
		if err := r.root.Rename(path.Join(place, name), name); err != nil {
			return err
		}
	}
	return r.sync()
}

// sync makes the new names durable.
func (r *restoring) sync() error {
	dir, err := os.Open(r.root.Name())
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
