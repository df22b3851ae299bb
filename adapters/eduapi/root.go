package eduapi

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
)

// usualRoot is where the standard's own document puts the API; some manifests name the server only.
const usualRoot = "/ims/eduapi/base/v1p0"

// settle finds the API's root: the manifest's path, or what the discovery document says that the path leads to.
func (c *client) settle(ctx context.Context) error {
	root, err := c.Root()
	if err != nil {
		return err
	}
	if !strings.EqualFold(path.Base(root.Path), "discovery") {
		return nil
	}
	a, err := c.Fetch(ctx, root.String())
	if err != nil {
		return fmt.Errorf("the discovery document cannot be read: %w", err)
	}
	server, err := serverOf(a, c.Limits)
	if err != nil {
		return err
	}
	c.root = onOrigin(root, server)
	c.Rebase(c.root)
	return nil
}

// serverOf is the first server that a discovery document, which is an OpenAPI document, names.
func serverOf(a source.Answer, lim Limits) (*url.URL, error) {
	doc, err := source.ParseObject(a.URL, a.Body, lim)
	if err != nil {
		return nil, err
	}
	servers := source.Objects(doc.Get("servers"))
	if len(servers) == 0 {
		return nil, fmt.Errorf("%s: the discovery document names no server; list the API's root in servers, or give it in path", a.URL)
	}
	address := servers[0].Text("url")
	if variables, ok := servers[0].Get("variables").(source.Object); ok {
		for _, variable := range variables {
			if v, ok := variable.Value.(source.Object); ok {
				address = strings.ReplaceAll(address, "{"+variable.Name+"}", v.Text("default"))
			}
		}
	}
	base, err := url.Parse(a.URL)
	if err != nil {
		return nil, err
	}
	server, err := base.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%s: servers/0/url: %w", a.URL, err)
	}
	return server, nil
}

// onOrigin keeps the manifest's origin and query: documents name example hosts, or servers as they are called inside.
func onOrigin(root url.URL, server *url.URL) string {
	root.Path, root.RawPath = server.Path, server.RawPath
	return root.String()
}

// deeper goes on below a path that names the server only, and reports whether there is anything to go on to.
func (c *client) deeper() bool {
	root, err := c.Root()
	if err != nil || strings.Contains(root.Path, "/eduapi") {
		return false
	}
	root.Path, root.RawPath = strings.TrimRight(root.Path, "/")+usualRoot, ""
	c.Rebase(root.String())
	return true
}

// back undoes deeper.
func (c *client) back() { c.Rebase(c.root) }
