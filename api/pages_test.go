package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"golang.org/x/net/html"
)

func TestCataloguePage(t *testing.T) {
	t.Parallel()
	n := sample(t)
	w := n.get("/?language=en&q=data")
	body := w.Body.String()
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		t.Fatal(w.Code, w.Header())
	}
	for _, want := range []string{
		`lang="en"><a href="/courses/`, ">Databases</a>", "University of Example", "<b>5</b> ECTS", "EQF 6", "English", "Online", "trusted by this node",
		`Starts <time datetime="2027-03-01">1 March 2027`, "1 course<", `value="data"`, "Language: English", `href="/?q=data"`,
		`href="/v1/courses?language=en&amp;q=data"`, `<input type="hidden" name="language" value="en">`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	if w := n.get("/?q=&ects.gte=&sort="); w.Code != http.StatusOK {
		t.Errorf("an empty form gives %d", w.Code)
	}
	for target, status := range map[string]int{"/?lnguage=en": 400, "/?cursor=AAAA": 410, "/courses/none": 404, "/nothing": 404} {
		w := n.get(target, "Accept", "text/html")
		if w.Code != status || !strings.Contains(w.Body.String(), "That did not work") {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

func TestPagesOfTheCatalogueFollow(t *testing.T) {
	t.Parallel()
	n := sample(t)
	target, pages := "/?limit=1", 0
	for ; target != "" && pages < 5; pages++ {
		doc := parse(t, n.get(target).Body.String())
		target = ""
		walk(doc, func(e *html.Node) {
			if attribute(e, "rel") == "next" {
				target = attribute(e, "href")
			}
		})
	}
	if pages != 3 {
		t.Errorf("%d pages, want 3", pages)
	}
}

func TestCoursePage(t *testing.T) {
	t.Parallel()
	n := sample(t)
	w := n.get("/courses/" + url.PathEscape(databases))
	for _, want := range []string{
		`<h1 lang="en">Databases</h1>`, `<p class="subtitle" lang="de">Datenbanken</p>`, `>Schreibt Abfragen.</span><br><span class="text" lang="en">Writes queries.</span>`, "Relational algebra", "0612",
		`href="https://uni.example/db"`, "Signed by", string(n.self.id), "coursemesh verify", "format=turtle", "1 March 2027", "CC BY-NC 4.0", "INF/201",
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s in\n%s", want, w.Body)
		}
	}
}

func TestNetworkPage(t *testing.T) {
	t.Parallel()
	n := sample(t)
	body := n.get("/network").Body.String()
	for _, want := range []string{"Publisher&#39;s node", "this node", "University of Example", "not parsable", "line 3: tab", "not searched by this node", "12D3KooOther"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	if strings.Count(body, "each attempt") != 1 {
		t.Error("a search that never was has a link")
	}
}

// hostile texts: what a source could send to run a script in a reader's browser.
func hostile() []string {
	out := []string{
		`<script>alert(1)</script>`, `"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`, `<svg/onload=alert(1)>`,
		`<iframe srcdoc="<script>alert(1)</script>">`, `</title><script>alert(1)</script>`, `</style><script>alert(1)</script>`,
		`<math><mi xlink:href="javascript:alert(1)">`, `{{.Status}}`, `{{template "body"}}`, "<!--<script>alert(1)</script>-->", `<a href="javascript:alert(1)">x</a>`,
		`<scr<script>ipt>alert(1)</script>`, `&lt;script&gt;alert(1)&lt;/script&gt;`, `&#60;script&#62;alert(1)&#60;/script&#62;`, `<details open ontoggle=alert(1)>`,
		`<style>@import 'https://evil.example/x.css'</style>`, `<link rel=stylesheet href=https://evil.example>`, `<meta http-equiv=refresh content="0;url=https://evil.example">`,
		`<base href=https://evil.example>`, `<form action=https://evil.example><button>x`, `<object data=https://evil.example>`, `<embed src=https://evil.example>`,
		"\u202e<script>alert(1)</script>", "<img src=`x` onerror=alert(1)>", `<x onclick=alert(1) style=position:fixed;inset:0>`, `<input autofocus onfocus=alert(1)>`,
		`\" onmouseover=alert(1) \"`, `' onmouseover='alert(1)`, `<![CDATA[<script>alert(1)</script>]]>`, `<noscript><p title="</noscript><script>alert(1)</script>">`,
	}
	for _, scheme := range []string{"javascript", "JaVaScRiPt", "java\tscript", "data", "vbscript", "file", "blob", "ftp", " javascript", "\x01javascript"} {
		for _, rest := range []string{":alert(1)", "://uni.example/%0aalert(1)", ":text/html,<script>alert(1)</script>", "&colon;alert(1)"} {
			out = append(out, scheme+rest)
		}
	}
	for _, event := range strings.Fields("onabort onanimationend onblur onclick oncopy ondrag onerror onfocus oninput onkeydown onload onmouseover onpaste onscroll onwheel") {
		for _, tag := range strings.Fields("img video body input select svg marquee audio") {
			out = append(out, fmt.Sprintf(`"><%s src=x %s=alert(1)>`, tag, event))
		}
	}
	return out
}

// TestThreat23: hostile text comes out as text wherever a course has text, and links lead to http and https only.
func TestThreat23(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	payloads := hostile()
	if len(payloads) < 180 {
		t.Fatalf("only %d payloads", len(payloads))
	}
	var statements []statement
	for i, p := range payloads {
		subject := fmt.Sprintf("https://uni.example/evil/%d", i)
		text := quote(p)
		statements = append(statements, statement{provider: "uni.example", subject: subject, turtle: fmt.Sprintf(`<%[1]s> a ql:LearningOpportunitySpecification ;
			dcterms:title %[2]s@en, %[2]s ; dcterms:description %[2]s@de ; skos:altLabel %[2]s ; ql:version %[2]s ; elm:volumeOfLearning %[2]s ;
			adms:identifier [ a elm:Identifier ; skos:notation %[2]s ; elm:schemeName %[2]s ] ;
			elm:learningOutcome [ a elm:LearningOutcome ; dcterms:title %[2]s ; dcterms:description %[2]s ] ;
			elm:entryRequirement [ a elm:Note ; elm:noteLiteral %[2]s ] ; elm:additionalNote [ a elm:Note ; elm:noteLiteral %[2]s ] ;
			foaf:homepage [ a elm:WebResource ; elm:contentUrl %[2]s ] ; elm:learningOpportunity <%[1]s/run> .
			<%[1]s/run> a ql:LearningOpportunityInstance ; elm:learningAchievementSpecification <%[1]s> ; dcterms:title %[2]s ;
			ql:registrationPortal %[2]s ; foaf:homepage [ a elm:WebResource ; elm:contentUrl %[2]s ] ;
			elm:location [ a dcterms:Location ; elm:geographicName %[2]s ] ;
			dcterms:temporal [ a dcterms:PeriodOfTime ; elm:startDate %[2]s ; skos:prefLabel %[2]s ] ;
			elm:priceDetail [ a elm:PriceDetail ; skos:prefLabel %[2]s ] .`, subject, text)})
	}
	n.publish(n.self, statements...)
	for i, p := range payloads {
		harmless(t, p, n.get("/courses/"+url.PathEscape(fmt.Sprintf("https://uni.example/evil/%d", i))).Body.String())
		harmless(t, p, n.get("/?q="+url.QueryEscape(p)).Body.String())
		harmless(t, p, n.get("/?"+url.Values{p: {p}}.Encode(), "Accept", "text/html").Body.String())
		harmless(t, p, n.get("/courses/"+url.PathEscape(p), "Accept", "text/html").Body.String())
	}
	for page := "/?limit=100"; page != ""; {
		body := n.get(page).Body.String()
		harmless(t, page, body)
		page = ""
		walk(parse(t, body), func(e *html.Node) {
			if attribute(e, "rel") == "next" {
				page = attribute(e, "href")
			}
		})
	}
}

// harmless parses a page as a browser would and looks for what could run, load or lead astray.
func harmless(t *testing.T, payload, body string) {
	t.Helper()
	forbidden := map[string]bool{
		"script": true, "iframe": true, "object": true, "embed": true, "svg": true, "math": true, "style": true, "base": true, "img": true,
		"video": true, "audio": true, "marquee": true, "noscript": true, "template": true, "frame": true, "x": true,
	}
	walk(parse(t, body), func(e *html.Node) {
		if forbidden[e.Data] || e.Data == "meta" && attribute(e, "http-equiv") != "" {
			t.Errorf("%q makes an element %s", payload, e.Data)
		}
		for _, a := range e.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" {
				t.Errorf("%q makes an attribute %s of %s", payload, a.Key, e.Data)
			}
			if a.Key != "href" && a.Key != "src" && a.Key != "action" {
				continue
			}
			u, err := url.Parse(a.Val)
			own := err == nil && u.Scheme == "" && u.Host == "" && (strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "#"))
			web := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && e.Data == "a"
			if icon := a.Val == "data:," && e.Data == "link"; !own && !web && !icon {
				t.Errorf("%q makes a link %q", payload, a.Val)
			}
		}
	})
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\x01", `\u0001`).Replace(s) + `"`
}

func parse(t *testing.T, body string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func walk(e *html.Node, visit func(*html.Node)) {
	if e.Type == html.ElementNode {
		visit(e)
	}
	for c := range e.ChildNodes() {
		walk(c, visit)
	}
}

func attribute(e *html.Node, name string) string {
	for _, a := range e.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Pages have what assistive technology needs, and ask nobody else for anything.
func TestPagesAreAccessible(t *testing.T) {
	t.Parallel()
	n := sample(t)
	for _, target := range []string{"/", "/?q=data", "/courses/" + url.PathEscape(databases), "/network", "/statistics", "/statistics?provider=uni.example", "/docs"} {
		doc := parse(t, n.get(target).Body.String())
		ids, labels, headings, mains, level := map[string]int{}, map[string]bool{}, 0, 0, 0
		walk(doc, func(e *html.Node) {
			if id := attribute(e, "id"); id != "" {
				ids[id]++
			}
			if len(e.Data) == 2 && e.Data[0] == 'h' && '1' <= e.Data[1] && e.Data[1] <= '6' {
				if next := int(e.Data[1] - '0'); next > level+1 {
					t.Errorf("%s: a heading of level %d after one of level %d", target, next, level)
				} else {
					level = next
				}
			}
			switch e.Data {
			case "html":
				if attribute(e, "lang") == "" {
					t.Errorf("%s: no language", target)
				}
			case "label":
				labels[attribute(e, "for")] = true
			case "h1":
				headings++
			case "main":
				mains++
			}
		})
		walk(doc, func(e *html.Node) {
			field := e.Data == "select" || e.Data == "input" && attribute(e, "type") != "hidden"
			if field && !labels[attribute(e, "id")] {
				t.Errorf("%s: a field %q without a label", target, attribute(e, "name"))
			}
			if href := attribute(e, "href"); e.Data == "link" && strings.Contains(href, "//") {
				t.Errorf("%s: asks %s", target, href)
			}
		})
		for id, count := range ids {
			if count > 1 {
				t.Errorf("%s: id %s is there %d times", target, id, count)
			}
		}
		if headings != 1 || mains != 1 {
			t.Errorf("%s: %d first headings, %d mains", target, headings, mains)
		}
	}
	walk(parse(t, n.get("/").Body.String()), func(e *html.Node) {
		if e.Data == "link" && attribute(e, "rel") == "stylesheet" {
			if w := n.get(attribute(e, "href")); w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
				t.Errorf("style sheet: %d", w.Code)
			}
		}
	})
}

// TestCoursePageShowsHistory: every version with what it changed by class, field by field, and the difference as data.
func TestCoursePageShowsHistory(t *testing.T) {
	t.Parallel()
	n := sample(t)
	first := n.publish(n.self, statement{provider: "uni.example", subject: databases, issued: 60, turtle: fmt.Sprintf(databasesTurtle, databases)})
	second := n.publish(n.self, statement{provider: "uni.example", subject: databases, issued: 120, turtle: strings.NewReplacer(
		"Datenbanken", "Daten<b>banken 2", `"2027-07-31"`, `"2027-08-01"`).Replace(fmt.Sprintf(databasesTurtle, databases))})
	body := n.get("/courses/" + url.PathEscape(databases)).Body.String()
	for _, want := range []string{
		`<a href="#history">History</a>`, `<h2>History</h2>`, `<span class="badge">current</span> <span class="badge">new version</span>`,
		"Facts that changed: 1 of the course itself, 1 of its offerings.", "No fact that this page compares changed.", "The oldest one kept.",
		`<b>title</b> <span class="badge">specification</span>`, `<dd class="text">de: Datenbanken; en: Databases</dd>`, `<dd class="text">de: Datenbanken 2; en: Databases</dd>`,
		`<b>end</b> of offering <code class="long">` + databases + `:offering:1</code> <span class="badge">offering</span>`, `<dd class="text">2027-07-31</dd>`, `<dd class="text">2027-08-01</dd>`,
		"/diff?from=" + first[databases].String() + "&amp;to=" + second[databases].String() + "&amp;provider=uni.example",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	walk(parse(t, body), func(e *html.Node) {
		if href := attribute(e, "href"); strings.HasPrefix(href, "/v1/courses/") {
			if w := n.get(href); w.Code != http.StatusOK {
				t.Errorf("%s: %d", href, w.Code)
			}
		}
	})
}

// TestCoursePageShowsProof: the trail from the source to the head, as the proof itself has it.
func TestCoursePageShowsProof(t *testing.T) {
	t.Parallel()
	n := sample(t)
	held, err := n.db.Head(n.self.id)
	if err != nil {
		t.Fatal(err)
	}
	head := federation.CIDOf(held.Envelope).String()
	body := n.get("/courses/" + url.PathEscape(databases)).Body.String()
	for _, want := range []string{
		`<h2>Proof</h2>`, head + `</code>, number 1 of epoch 1, lists 3 records`, "by the node Publisher&#39;s node", string(n.self.id), "elmrdf/1",
		"/proof?provider=uni.example", ".proof.car</code>", "Cite this version",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	w := n.get("/v1/courses/" + url.PathEscape(databases) + "/proof")
	if !strings.Contains(w.Header().Get("ETag"), head) {
		t.Errorf("the proof's tag is %s", w.Header().Get("ETag"))
	}
}
