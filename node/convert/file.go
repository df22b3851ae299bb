package convert

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file that is there whole or not at all: until Keep it has another name. What is no regular file, such as a
// pipe or /dev/null, is written directly.
type File struct {
	*os.File
	name string // that it will have; "" when it has it already
}

// Create begins a file in place of that name, with the permissions of the one that is there, if any.
func Create(name string) (*File, error) {
	if at, err := filepath.EvalSymlinks(name); err == nil {
		name = at
	}
	before, err := os.Stat(name)
	switch {
	case err == nil && before.IsDir():
		return nil, &fs.PathError{Op: "write", Path: name, Err: errors.New("it is a directory")}
	case err == nil && !before.Mode().IsRegular():
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		return &File{File: f}, err
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	hidden := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"."+rand.Text())
	f, err := os.OpenFile(hidden, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) // less what the system's mask takes away
	var failed *fs.PathError
	if errors.As(err, &failed) { // the person knows the other name
		return nil, &fs.PathError{Op: "write", Path: name, Err: failed.Err}
	}
	if err != nil {
		return nil, err
	}
	out := &File{File: f, name: name}
	if before != nil {
		if err := f.Chmod(before.Mode().Perm()); err != nil {
			return nil, errors.Join(err, out.Drop())
		}
	}
	return out, nil
}

// Keep gives the file its name, once its bytes are on the disk.
func (f *File) Keep() error {
	if f.name == "" {
		return f.Close()
	}
	err := errors.Join(f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.File.Name(), f.name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.File.Name()))
	}
	return nil
}

// Drop leaves everything as it was.
func (f *File) Drop() error {
	err := f.Close()
	if f.name == "" {
		return err
	}
	return errors.Join(err, os.Remove(f.File.Name()))
}
