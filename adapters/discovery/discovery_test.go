package discovery_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters/discovery"
)

const (
	manifest = `{"sources":[{"type":"elm","version":"3.2","path":"https://data.uni.example/all.ttl"}]}`
	bare     = "/.well-known/quality-link-manifest"
)

func TestDomains(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		schac, website string
		want           []string
	}{
		{
			"uni-example.eu", "https://www.studies.uni-example.ac.at/en/",
			[]string{"uni-example.eu", "www.studies.uni-example.ac.at", "studies.uni-example.ac.at", "uni-example.ac.at"},
		},
		{"uni.example", "https://www.uni.example/", []string{"uni.example", "www.uni.example"}},
		{"", "www.uni.example", []string{"www.uni.example", "uni.example"}},
		{"uni.example", "", []string{"uni.example"}},
		{"UNI.example.", "http://Portal.Uni.Example:8080/x", []string{"uni.example", "portal.uni.example"}},
		{"", "https://awww.uni.example", []string{"awww.uni.example", "uni.example"}},
		{"", "https://www2.a.b.uni.example", []string{"www2.a.b.uni.example", "a.b.uni.example", "uni.example"}},
		{"", "https://www.example/", []string{"www.example"}}, // the registrable domain itself
		{"", "https://home.co.uk/", []string{"home.co.uk"}},
		{"", "https://someone.github.io/", []string{"someone.github.io"}},
		{"", "https://github.io/", nil}, // a shared host
		{"deqarinst0815", "https://127.0.0.1/", nil},
		{"deqarinst0815", "https://uni.example/", []string{"uni.example"}},
		{"not a domain", "%%%", nil},
		{"münchen.example", "https://www.münchen.example/", []string{"xn--mnchen-3ya.example", "www.xn--mnchen-3ya.example"}},
	} {
		if diff := cmp.Diff(c.want, discovery.Domains(c.schac, c.website)); diff != "" {
			t.Errorf("%q %q: %s", c.schac, c.website, diff)
		}
	}
}

func TestParseTXT(t *testing.T) {
	t.Parallel()
	for record, want := range map[string]string{
		"v=qldiscover1; m=https://a.example/m":                            "https://a.example/m",
		"v=qldiscover1;m=https://a.example/m":                             "https://a.example/m",
		"  v=qldiscover1 ;  m=https://a.example/m?a=b;c=d  ":              "https://a.example/m?a=b;c=d",
		"v=qldiscover1; x=1; m=https://a.example/m":                       "https://a.example/m",
		"v=qldiscover1; m=https://a.example/m;":                           "https://a.example/m",
		"v=qldiscover1; m=http://a.example/m":                             "http://a.example/m",
		"v=qldiscover1":                                                   "",
		"v=qldiscover1;":                                                  "",
		"v=qldiscover1; m=":                                               "",
		"v=qldiscover1; M=https://a.example/":                             "",
		"V=QLDISCOVER1; m=https://a.example/":                             "",
		"v=qldiscover2; m=https://a.example/":                             "",
		"v=qldiscover10; m=https://a.example/":                            "",
		"m=https://a.example/; v=qldiscover1":                             "",
		"m=https://a.example/":                                            "",
		"v=spf1 include:_spf.example ~all":                                "",
		"v=DKIM1; k=rsa; p=abc; m=https://a.example/":                     "",
		"v=qldiscover1; m=file:///etc/passwd":                             "",
		"v=qldiscover1; m=/relative":                                      "",
		"v=qldiscover1; m=https://u:p@a.example/":                         "",
		"v=qldiscover1; m=https://a.example/a b":                          "",
		"v=qldiscover1; m=https://a.example/" + strings.Repeat("x", 3000): "",
	} {
		got, ok := discovery.ParseTXT(record)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%.80q gives %q, %v", record, got, ok)
		}
	}
}

func FuzzTXT(f *testing.F) {
	for _, seed := range []string{"v=qldiscover1; m=https://a.example/m?a=b;c", "v=spf1", ";;;", "v=qldiscover1;m=;m=http://a.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, record string) {
		target, ok := discovery.ParseTXT(record)
		if !ok {
			return
		}
		if again, ok := discovery.ParseTXT("v=qldiscover1; m=" + target); !ok || again != target {
			t.Errorf("%q gives %q, which gives %q", record, target, again)
		}
		if !strings.HasPrefix(strings.ToLower(target), "http") || strings.ContainsAny(target, " \r\n\t\x00") {
			t.Errorf("%q gives %q", record, target)
		}
	})
}

// outcomes of probes, in short.
func outcomes(r discovery.Result) []string {
	var list []string
	for _, p := range r.Probes {
		list = append(list, strings.TrimSpace(p.Domain+" "+p.Method+" "+p.Outcome))
	}
	return list
}

func search(t *testing.T, w *world, provider, website string) discovery.Result {
	t.Helper()
	r, err := discovery.Search(t.Context(), w.client, provider, website)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSearchByWellKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uni.example", "www.uni.example")
	w.page("www.uni.example"+bare+".json", text(manifest))
	r := search(t, w, "uni.example", "https://www.uni.example/en")
	want := []discovery.Probe{
		{Domain: "uni.example", Method: "dns", Outcome: "not_found"},
		{Domain: "uni.example", Method: "well-known", URL: "https://uni.example" + bare, Outcome: "not_found", Reason: "HTTP status 404"},
		{Domain: "uni.example", Method: "well-known", URL: "https://uni.example" + bare + ".json", Outcome: "not_found", Reason: "HTTP status 404"},
		{Domain: "uni.example", Method: "well-known", URL: "https://uni.example" + bare + ".yaml", Outcome: "not_found", Reason: "HTTP status 404"},
		{Domain: "www.uni.example", Method: "dns", Outcome: "not_found"},
		{Domain: "www.uni.example", Method: "well-known", URL: "https://www.uni.example" + bare, Outcome: "not_found", Reason: "HTTP status 404"},
		{Domain: "www.uni.example", Method: "well-known", URL: "https://www.uni.example" + bare + ".json", Outcome: "found"},
		{
			Domain: "www.uni.example", Method: "well-known", URL: "https://www.uni.example" + bare + ".yaml", Outcome: "not_tried",
			Reason: "a manifest was found at https://www.uni.example" + bare + ".json",
		},
	}
	for i := range r.Probes {
		if r.Probes[i].Method == "dns" {
			r.Probes[i].Reason = ""
		}
	}
	if diff := cmp.Diff(want, r.Probes); diff != "" {
		t.Error(diff)
	}
	if r.ManifestURL != want[6].URL || r.LocatedByDNS || r.Manifest == nil || len(r.Manifest.Sources) != 1 || string(r.Body) != manifest || r.Provider != "uni.example" {
		t.Errorf("%+v", r)
	}
}

func TestSearchFindsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uni.example")
	r := search(t, w, "uni.example", "")
	if r.ManifestURL != "" || r.Manifest != nil || len(r.Probes) != 4 {
		t.Errorf("%+v", r)
	}
	if r := search(t, w, "deqarinst0815", ""); r.Probes == nil || len(r.Probes) != 0 {
		t.Errorf("no domain: %+v", r)
	}
}

func TestSearchPrefersDNS(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uni.example", "data.uni.example")
	w.page("uni.example"+bare, text(manifest))
	w.page("data.uni.example/m", text(manifest))
	w.announce("uni.example", "v=spf1 -all", "m=https://evil.example/", "v=qldiscover1; m=https://data.uni.example/gone", "v=qldiscover1; m=https://data.uni.example/m")
	r := search(t, w, "uni.example", "")
	want := []string{
		"uni.example dns not_found", "uni.example dns found",
		"uni.example well-known not_tried", "uni.example well-known not_tried", "uni.example well-known not_tried",
	}
	if diff := cmp.Diff(want, outcomes(r)); diff != "" {
		t.Error(diff)
	}
	if r.ManifestURL != "https://data.uni.example/m" || r.LocatedByDNS {
		t.Errorf("%s, located by DNS: %v", r.ManifestURL, r.LocatedByDNS)
	}
	if diff := cmp.Diff([]string{"data.uni.example/gone", "data.uni.example/m"}, w.visits()); diff != "" {
		t.Error(diff)
	}
}

func TestSearchMarksForeignTargets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uni.example", "www.uni.example", "host.example", "alice.github.io")
	w.page("host.example/m", text(manifest))
	w.page("alice.github.io/m", text(manifest))
	for _, c := range []struct {
		provider, website, target string
		marked                    bool
	}{
		{"uni.example", "", "https://host.example/m", true},
		{"uni.example", "", "https://alice.github.io/m", true},
		{"host.example", "", "https://host.example/m", false},
		{"deqarinst0815", "https://host.example/", "https://host.example/m", false},
		{"deqarinst0815", "https://www.uni.example/", "https://host.example/m", true},
	} {
		name := discovery.Domains(c.provider, c.website)[0]
		w.announce(name, "v=qldiscover1; m="+c.target)
		if r := search(t, w, c.provider, c.website); r.ManifestURL != c.target || r.LocatedByDNS != c.marked {
			t.Errorf("%s at %s: found %q, marked %v", c.provider, c.target, r.ManifestURL, r.LocatedByDNS)
		}
	}
}

// One failing probe does not end the search, and the reason says what happened.
func TestSearchGoesOn(t *testing.T) {
	t.Parallel()
	const place = "uni.example" + bare
	for name, c := range map[string]struct {
		page    http.HandlerFunc
		outcome string
		reason  string
	}{
		"soft 404":       {text("<!DOCTYPE html><h1>Not found</h1>"), "not_parsable", "a web page, not a manifest"},
		"plain text":     {text("nothing here"), "not_parsable", "not an object"},
		"some JSON":      {text(`{"error": 404}`), "not_parsable", "no list of sources"},
		"empty":          {text(""), "not_parsable", "empty document"},
		"too big":        {text(strings.Repeat(" ", 1<<20+1)), "not_parsable", "larger than"},
		"gone":           {status(410), "not_found", "410"},
		"down":           {status(503), "error", "503"},
		"forbidden":      {status(403), "error", "403"},
		"not modified":   {status(304), "error", "304"},
		"downgrade":      {redirect("http://93.184.216.34/"), "error", "from https to http"},
		"inside":         {redirect("https://10.0.0.1/"), "error", "private"},
		"loop":           {redirect("https://" + place), "error", "more than 5 redirects"},
		"cut off":        {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "error", "EOF"},
		"other encoding": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Encoding", "br") }, "error", "content encoding"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "uni.example")
			w.page(place, c.page)
			w.page(place+".yaml", text("sources:\n- type: elm\n  path: https://data.uni.example/all.ttl\n"))
			r := search(t, w, "uni.example", "")
			if p := r.Probes[1]; p.Outcome != c.outcome || !strings.Contains(p.Reason, c.reason) {
				t.Errorf("%+v, want %s because of %q", p, c.outcome, c.reason)
			}
			if r.ManifestURL != "https://"+place+".yaml" {
				t.Errorf("found %q", r.ManifestURL)
			}
		})
	}
}

func TestSearchSurvivesDNSAndTLSFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "untrusted.example", "www.untrusted.example")
	w.announce("untrusted.example", "FAIL")
	w.page("www.untrusted.example"+bare, text(manifest))
	r := search(t, w, "untrusted.example", "https://www.untrusted.example/")
	want := []string{
		"untrusted.example dns error", "untrusted.example well-known error", "untrusted.example well-known error", "untrusted.example well-known error",
		"www.untrusted.example dns not_found", "www.untrusted.example well-known found",
		"www.untrusted.example well-known not_tried", "www.untrusted.example well-known not_tried",
	}
	if diff := cmp.Diff(want, outcomes(r)); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(r.Probes[1].Reason, "certificate") || !strings.Contains(r.Probes[0].Reason, "SERVFAIL") {
		t.Errorf("reasons %q, %q", r.Probes[0].Reason, r.Probes[1].Reason)
	}
	if r := search(t, w, "nowhere.example", ""); !strings.Contains(r.Probes[1].Reason, "no such host") {
		t.Errorf("a name that does not exist: %+v", r.Probes)
	}
}

func TestSearchFollowsRedirects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uni.example", "www.uni.example")
	w.page("uni.example"+bare, redirect("https://www.uni.example/m.json?signature=secret"))
	w.page("www.uni.example/m.json", text(manifest))
	r := search(t, w, "uni.example", "")
	if r.ManifestURL != "https://uni.example"+bare || r.Probes[1].Reason != "redirected to https://www.uni.example/m.json" || r.LocatedByDNS {
		t.Errorf("%+v", r)
	}
}

func TestSearchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uni.example", "www.uni.example")
	ctx, cancel := context.WithCancel(t.Context())
	w.page("uni.example"+bare, func(http.ResponseWriter, *http.Request) { cancel() })
	r, err := discovery.Search(ctx, w.client, "uni.example", "https://www.uni.example/")
	if !errors.Is(err, context.Canceled) || len(r.Probes) > 4 {
		t.Errorf("%v %+v", err, r.Probes)
	}
}

func TestSearchSince(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uni.example")
	place := "uni.example" + bare + ".json"
	w.page(place, func(out http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"1"` && r.Header.Get("If-Modified-Since") == "Sat, 01 Jan 2000 00:00:00 GMT" {
			out.WriteHeader(http.StatusNotModified)
			return
		}
		out.Header().Set("ETag", `"1"`)
		out.Header().Set("Last-Modified", "Sat, 01 Jan 2000 00:00:00 GMT")
		text(manifest)(out, r)
	})
	first := search(t, w, "uni.example", "")
	again, err := discovery.SearchSince(t.Context(), w.client, "uni.example", "", first.Previous())
	if err != nil || !again.Unchanged || again.ManifestURL != first.ManifestURL || again.Manifest != nil {
		t.Errorf("%v %+v", err, again)
	}
	if diff := cmp.Diff(first.Previous(), again.Previous()); diff != "" {
		t.Error(diff)
	}
	w.page("uni.example"+bare, text(manifest)) // a better place, which the old validators do not speak for
	if moved, err := discovery.SearchSince(t.Context(), w.client, "uni.example", "", again.Previous()); err != nil || moved.Unchanged || moved.Manifest == nil {
		t.Errorf("%v %+v", err, moved)
	}
}

// TestLook asks one address, and keeps what is there when it is no manifest.
func TestLook(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a.example")
	w.page("a.example/m.yaml", text(manifest))
	w.page("a.example/broken", text("sources: ["))
	w.page("a.example/down", status(500))
	for path, want := range map[string]string{"/m.yaml": discovery.Found, "/broken": discovery.NotParsable, "/none": discovery.NotFound, "/down": discovery.Error} {
		r, err := discovery.Look(t.Context(), w.client, "https://a.example"+path)
		if err != nil || len(r.Probes) != 1 || r.Probes[0].Outcome != want || (r.Manifest != nil) != (want == discovery.Found) {
			t.Errorf("%s: %+v, %v", path, r.Probes, err)
		}
		if (r.Refused != nil) != (want == discovery.NotParsable) || r.Refused != nil && string(r.Refused.Body) != "sources: [" {
			t.Errorf("%s: refused %+v", path, r.Refused)
		}
	}
}

// TestRefusedIsNoWebPage: a page in the place of the first well-known address does not hide the manifest that is at the next.
func TestRefusedIsNoWebPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a.example")
	urls := discovery.WellKnownURLs("a.example")
	w.page(strings.TrimPrefix(urls[0], "https://"), text("<html>"))
	w.page(strings.TrimPrefix(urls[1], "https://"), text("{"))
	w.page(strings.TrimPrefix(urls[2], "https://"), text("<html>"))
	if r := search(t, w, "a.example", ""); r.Refused == nil || r.Refused.URL != urls[1] {
		t.Errorf("%+v", r.Refused)
	}
}

func TestTXTRecord(t *testing.T) {
	t.Parallel()
	const address = "https://a.example/manifest.json?x=1;y=2"
	if got, ok := discovery.ParseTXT(discovery.TXTRecord(address)); !ok || got != address {
		t.Errorf("%q, %t", got, ok)
	}
}
