package node

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/adapters/registry"
	"github.com/coursemesh/coursemesh/federation"
)

// RegistryFile is the name of the snapshot in the data directory that `registry update` writes.
const RegistryFile = "registry.json"

// known merges what this node knows of institutions and alliances: its configuration, the files that it names, and
// the last update of the registries. What stands first wins in names and places.
func (c *Config) known(log *slog.Logger) (registry.Snapshot, error) {
	own := registry.Snapshot{Providers: slices.Clone(c.Registry.Providers)}
	for _, domain := range c.Harvest.Domains {
		if !slices.ContainsFunc(own.Providers, func(p federation.Provider) bool { return p.ID == domain }) {
			own.Providers = append(own.Providers, federation.Provider{ID: domain})
		}
	}
	configured, err := registry.Of("registry.providers", own)
	if err != nil {
		return registry.Snapshot{}, err
	}
	lists := []registry.List{configured}
	for _, file := range c.Registry.Files {
		list, err := readList(file, log)
		if err != nil {
			return registry.Snapshot{}, fmt.Errorf("registry.files: %w", err)
		}
		lists = append(lists, list)
	}
	updated, err := readList(c.registryFile(), log)
	if err == nil {
		lists = append(lists, updated)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return registry.Snapshot{}, fmt.Errorf("%w; `coursemesh registry update` writes it anew", err)
	}
	return registry.Merge(lists...), nil
}

func (c *Config) registryFile() string { return filepath.Join(c.DataDir, RegistryFile) }

func readList(file string, log *slog.Logger) (registry.List, error) {
	f, err := os.Open(file)
	if err != nil {
		return registry.List{}, err
	}
	defer f.Close()
	list, err := registry.Read(file, f)
	if len(list.Problems) > 0 {
		log.Info("entries of a registry left out", "file", file, "entries", len(list.Problems), "first", list.Problems[0].String())
	}
	return list, err
}

// Registries that are asked when nothing else is said. What stands first wins in names and current codes.
var Registries = []string{
	"https://hei.api.uni-foundation.eu/api/public/v1/hei",
	"https://registry.erasmuswithoutpaper.eu/catalogue-v1.xml",
	"https://backend.deqar.eu/connectapi/v1/providers/?limit=2000&offset=0&ordering=deqar_id",
}

// RegistryReport is the outcome of an update.
type RegistryReport struct {
	File      string           `json:"file"`
	Providers int              `json:"providers"`
	Alliances int              `json:"alliances"`
	Before    int              `json:"before"` // providers of the snapshot that was replaced
	Sources   []RegistrySource `json:"sources"`
	InForce   bool             `json:"in_force"` // a running node has taken them in; else one does when it starts
}

// RegistrySource is what one registry gave.
type RegistrySource struct {
	Source  string   `json:"source"`
	Format  string   `json:"format"`
	Entries int      `json:"entries"`
	LeftOut []string `json:"left_out"`
}

// ErrRegistryLoss says that an update would forget too many institutions.
var ErrRegistryLoss = errors.New("the lists hold far fewer institutions than the snapshot in force, which is kept; --allow-loss takes them nevertheless")

// keptShare of the known institutions must be among those of an update.
const keptShare = 0.7

// UpdateRegistry reads lists from files and URLs and replaces the snapshot in the data directory, unless one of them
// cannot be read or far fewer institutions would be known.
func UpdateRegistry(ctx context.Context, cfg Config, sources []string, allowLoss bool, log *slog.Logger) (RegistryReport, error) {
	report := RegistryReport{File: cfg.registryFile()}
	client, err := FetchClient(cfg, log)
	if err != nil {
		return report, err
	}
	defer client.Close()
	var lists []registry.List
	for _, source := range sources {
		pages, err := listsOf(ctx, client, source, log)
		if err != nil {
			return report, err
		}
		lists = append(lists, pages...)
		report.Sources = append(report.Sources, sourceReport(source, pages))
	}
	snapshot := registry.Merge(lists...)
	report.Providers, report.Alliances = len(snapshot.Providers), len(snapshot.Alliances)
	if old, err := readList(report.File, log); err == nil {
		report.Before = len(registry.Merge(old).Providers)
	}
	if float64(report.Providers) < keptShare*float64(report.Before) && !allowLoss {
		return report, ErrRegistryLoss
	}
	return report, writeSnapshot(report.File, snapshot)
}

func sourceReport(source string, pages []registry.List) RegistrySource {
	out := RegistrySource{Source: source, LeftOut: []string{}}
	for _, page := range pages {
		out.Format = cmp.Or(out.Format, page.Format)
		out.Entries += page.Len()
		for _, p := range page.Problems {
			out.LeftOut = append(out.LeftOut, p.String())
		}
	}
	return out
}

const maxPages = 500

// listsOf reads a file, or a URL with all pages that follow.
func listsOf(ctx context.Context, client *fetch.Client, source string, log *slog.Logger) ([]registry.List, error) {
	if !strings.HasPrefix(source, "https://") && !strings.HasPrefix(source, "http://") {
		list, err := readList(source, log)
		return []registry.List{list}, err
	}
	var pages []registry.List
	for address := source; ; {
		page, err := fetchList(ctx, client, address)
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
		if !page.More {
			return pages, nil
		}
		if len(pages) == maxPages {
			return nil, fmt.Errorf("%s: more than %d pages", source, maxPages)
		}
		if address, err = nextPage(address); err != nil {
			return nil, err
		}
	}
}

func fetchList(ctx context.Context, client *fetch.Client, address string) (registry.List, error) {
	answer, err := client.Do(ctx, fetch.Request{URL: address, MaxBytes: registry.MaxBytes})
	if err != nil {
		return registry.List{}, err
	}
	defer answer.Body.Close()
	if answer.Status != http.StatusOK {
		_, _ = io.CopyN(io.Discard, answer.Body, 1<<10)
		return registry.List{}, fmt.Errorf("%s answers with status %d", address, answer.Status)
	}
	return registry.Read(address, answer.Body)
}

// nextPage raises the offset by the limit: the server makes a page number of both, so it must stay a multiple.
func nextPage(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	query := u.Query()
	limit, err := strconv.Atoi(cmp.Or(query.Get("limit"), "10"))
	if err != nil || limit < 1 {
		return "", fmt.Errorf("%s: limit is no number of entries", address)
	}
	offset, err := strconv.Atoi(cmp.Or(query.Get("offset"), "0"))
	if err != nil || offset%limit != 0 {
		return "", fmt.Errorf("%s: offset is no multiple of limit", address)
	}
	query.Set("limit", strconv.Itoa(limit))
	query.Set("offset", strconv.Itoa(offset+limit))
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// writeSnapshot replaces the file as a whole.
func writeSnapshot(file string, s registry.Snapshot) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), RegistryFile+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(data, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
