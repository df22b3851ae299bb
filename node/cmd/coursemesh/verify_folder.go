package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/coursemesh/coursemesh/api/dump"
)

const maxIndex = 1 << 20

// folderOf recognises a dump's folder, or its index, which stands for it.
func folderOf(path string) (string, bool) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return path, true
	}
	return filepath.Dir(path), filepath.Base(path) == dump.IndexName
}

// judgeFolder compares every file of a dump with the index and lets the CAR prove the root. The index is signed by
// nobody: it ties the other formats to what the CAR proves.
func judgeFolder(ctx context.Context, folder string) (verdict, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return verdict{}, err
	}
	defer root.Close()
	index, err := readIndex(root)
	if err != nil {
		return verdict{Reason: err.Error()}, nil
	}
	v := verdict{What: "dump", Reason: dump.IndexName + " lists no CAR, so nothing proves the rest"}
	for _, file := range index.Files {
		if err := compareFile(root, file); err != nil {
			return verdict{What: "dump", Reason: err.Error()}, nil
		}
		if filepath.Ext(file.Name) != ".car" {
			continue
		}
		f, err := root.Open(file.Name)
		if err != nil {
			return verdict{}, err
		}
		v, err = judgeReader(ctx, file.Name, f)
		_ = f.Close()
		if err != nil || !v.Valid {
			return v, err
		}
		if v.CID != index.Root || v.Records != index.Records {
			return verdict{What: "dump", Reason: fmt.Sprintf("%s holds %d records under the root %s, %s says %d under %s",
				file.Name, v.Records, v.CID, dump.IndexName, index.Records, index.Root)}, nil
		}
	}
	return v, nil
}

func readIndex(root *os.Root) (index dump.Index, err error) {
	f, err := root.Open(dump.IndexName)
	if err != nil {
		return index, fmt.Errorf("this folder is no dump: it has no readable %s (%w)", dump.IndexName, err)
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, maxIndex)).Decode(&index); err != nil {
		return index, fmt.Errorf("%s: %w", dump.IndexName, err)
	}
	return index, nil
}

func compareFile(root *os.Root, want dump.File) error {
	f, err := root.Open(want.Name)
	if err != nil {
		return fmt.Errorf("%s lists %s, which cannot be read: %w", dump.IndexName, want.Name, err)
	}
	defer f.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	if err != nil {
		return fmt.Errorf("%s: %w", want.Name, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want.SHA256 || size != want.Size {
		return fmt.Errorf("%s has %d bytes with the sha256 %s, %s says %d with %s", want.Name, size, got, dump.IndexName, want.Size, want.SHA256)
	}
	return nil
}
