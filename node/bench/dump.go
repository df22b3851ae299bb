package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	apicourse "github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/api/dump"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const packName = "compressing the same bytes alone (limit)"

// dumping measures the writing of all files of a dump. What the same compressors take for the same bytes alone is the
// limit: no dump of these files can be made in less.
func dumping(ctx context.Context, opt Options, progress io.Writer) (Result, error) {
	return withLibrary(ctx, opt, progress, func(l *library, dir string) (Result, error) {
		fmt.Fprintln(progress, "dumping it")
		result, files, err := dumpLibrary(ctx, l, filepath.Join(dir, "dump"), opt.N)
		if err != nil {
			return Result{}, err
		}
		fmt.Fprintln(progress, "compressing the same bytes alone")
		cpu, err := packAgain(ctx, filepath.Join(dir, "dump"), files, dir)
		result.Compared = append(result.Compared, compare(packName, result.PerCPUSecond, rate(opt.N, cpu)))
		return result, err
	})
}

func dumpLibrary(ctx context.Context, l *library, to string, n int) (Result, []dump.File, error) {
	reader := apicourse.NewReader(apicourse.Reader{Get: l.db.Get, Known: l.provider, Now: time.Now})
	m := start("dump")
	var made dump.Index
	err := m.stage(0, func() (err error) {
		made, err = dump.Write(ctx, dump.Config{Catalogue: l.catalogue, Courses: reader, Get: l.db.Get, Publisher: l.publisher, Now: time.Now}, to)
		return err
	})
	result := m.stop(n)
	if err == nil && made.Courses != n {
		err = fmt.Errorf("%d courses of %d are in the dump", made.Courses, n)
	}
	for _, f := range made.Files {
		result.Bytes += f.Size
	}
	result.Courses = made.Courses
	return result, made.Files, err
}

// packAgain unpacks every compressed file and compresses it once more, which alone is measured.
func packAgain(ctx context.Context, dir string, files []dump.File, scratch string) (cpu float64, err error) {
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return cpu, err
		}
		plain := filepath.Join(scratch, "plain")
		packed, err := unpack(filepath.Join(dir, f.Name), plain)
		if err != nil {
			return cpu, fmt.Errorf("%s: %w", f.Name, err)
		}
		if !packed {
			continue
		}
		from := reading()
		if err := pack(plain, f.Name); err != nil {
			return cpu, fmt.Errorf("%s: %w", f.Name, err)
		}
		cpu += from.cpuSince()
	}
	return cpu, nil
}

// unpack writes what a file holds; packed is false for one that is not compressed.
func unpack(name, to string) (packed bool, err error) {
	in, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer in.Close()
	var plain io.Reader
	switch {
	case strings.HasSuffix(name, ".zst"):
		z, err := zstd.NewReader(in)
		if err != nil {
			return false, err
		}
		defer z.Close()
		plain = z
	case strings.HasSuffix(name, ".gz"):
		if plain, err = gzip.NewReader(in); err != nil {
			return false, err
		}
	default:
		return false, nil
	}
	out, err := os.Create(to)
	if err != nil {
		return false, err
	}
	_, err = io.Copy(out, plain)
	return true, errors.Join(err, out.Close())
}

// pack compresses a file as a dump does, and throws the outcome away.
func pack(plain, name string) error {
	in, err := os.Open(plain)
	if err != nil {
		return err
	}
	defer in.Close()
	var z io.WriteCloser = gzip.NewWriter(io.Discard)
	if strings.HasSuffix(name, ".zst") {
		if z, err = dump.Compressor(io.Discard); err != nil {
			return err
		}
	}
	_, err = io.Copy(z, in)
	return errors.Join(err, z.Close())
}
