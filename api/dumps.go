package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/coursemesh/coursemesh/api/dump"
	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

// Dump writes the whole catalogue into files in dir.
func (a *API) Dump(ctx context.Context, dir string) (dump.Index, error) {
	return dump.Write(ctx, dump.Config{
		Catalogue: a.cfg.Catalogue, Courses: a.courses, Get: a.cfg.DB.Get,
		Publisher: a.cfg.Node.Publisher, Node: a.cfg.Node.Name, Partial: a.cfg.Partial, Now: a.cfg.Now,
		Position: a.position,
	}, dir)
}

// position is how far changes are noted, "" when they are not.
func (a *API) position() string {
	if a.cfg.Changes == nil {
		return ""
	}
	text, err := a.cfg.Changes.Text(a.cfg.Changes.End())
	if err != nil {
		return ""
	}
	return text
}

const downloadTime = time.Hour // for a whole dump over a slow line

// dumpRoutes are there only when the node has a place for dumps.
func (a *API) dumpRoutes(engine *gin.Engine) {
	if a.cfg.Dumps == "" {
		return
	}
	get(a, route{path: "/v1/dumps", id: "listDumps", tag: "Dumps", summary: "The newest dump: files with size, hash and root", body: dump.Index{}},
		func(*call, *none) (response, error) { return a.dumpIndex() })
	a.huma.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodGet, Path: "/v1/dumps/{name}", OperationID: "getDump", Tags: []string{"Dumps"}, Summary: "One file of the newest dump",
		Parameters: []*huma.Param{{Name: "name", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}},
		Responses:  a.responses(route{media: []string{"application/octet-stream"}}),
	})
	engine.GET("/v1/dumps/:name", a.dumpFile)
}

func (a *API) dumpIndex() (response, error) {
	var index dump.Index
	b, err := a.readDump(dump.IndexName)
	if err != nil {
		return response{}, err
	}
	if err := json.Unmarshal(b, &index); err != nil {
		return response{}, inside(err)
	}
	return response{value: index}, nil
}

func (a *API) readDump(name string) ([]byte, error) {
	root, err := os.OpenRoot(a.cfg.Dumps)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoDump
	}
	if err != nil {
		return nil, inside(err)
	}
	defer root.Close()
	b, err := root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoDump
	}
	return b, err
}

var errNoDump = fmt.Errorf("%w: no dump has been made yet", errNotFound)

// dumpFile serves one of the known names and nothing else of the directory.
func (a *API) dumpFile(c *gin.Context) {
	name := c.Param("name")
	if !slices.Contains(dump.Names(), name) {
		a.fail(c.Writer, c.Request, fmt.Errorf("%w: a dump has no file %q", errNotFound, clip(name, 100)))
		return
	}
	root, err := os.OpenRoot(a.cfg.Dumps)
	if err != nil {
		a.fail(c.Writer, c.Request, errNoDump)
		return
	}
	defer root.Close()
	f, err := root.Open(name)
	if err != nil {
		a.fail(c.Writer, c.Request, errNoDump)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		a.fail(c.Writer, c.Request, inside(err))
		return
	}
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(a.cfg.Now().Add(downloadTime)) // not every writer has one
	c.Header("Content-Type", "application/octet-stream")
	http.ServeContent(c.Writer, c.Request, "", info.ModTime(), f)
}
