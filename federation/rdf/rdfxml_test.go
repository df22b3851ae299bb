package rdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

const (
	xmlHead = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">`
	xmlTail = `</rdf:RDF>`
)

func node(content string) string {
	return xmlHead + `<rdf:Description rdf:about="urn:s">` + content + `</rdf:Description>` + xmlTail
}

// objects decodes a document about urn:s and lists its objects in the order of the document.
func objects(t *testing.T, source string) []string {
	t.Helper()
	got, err := collect(iotest.OneByteReader(strings.NewReader(source)), rdf.RDFXML, "http://b/dir/doc", rdf.Limits{})
	if err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	var list []string
	for _, triple := range got {
		list = append(list, string(rdf.AppendTerm(nil, triple.Obj)))
	}
	return list
}

func TestRDFXMLValues(t *testing.T) {
	t.Parallel()
	const xsd = "http://www.w3.org/2001/XMLSchema#"
	for name, c := range map[string]struct {
		source string
		want   []string
	}{
		"languages": {
			node(`<e:p xml:lang="EN-gb">A</e:p><e:p xml:lang="zh-Hant-TW">x</e:p><e:p xml:lang="">y</e:p>`), []string{`"A"@en-gb`, `"x"@zh-hant-tw`, `"y"`},
		},
		"inherited language": {
			`<e:T xmlns:e="http://e/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xml:lang="fi" e:a="b"><e:p>c</e:p><e:q xml:lang="">d</e:q><e:p>e</e:p></e:T>`,
			[]string{`<http://e/T>`, `"b"@fi`, `"c"@fi`, `"d"`, `"e"@fi`},
		},
		"references":           {node(`<e:p rdf:resource="../x"/><e:p rdf:resource=""/><e:p rdf:resource="HTTP://E/%7e/../ä#"/>`), []string{`<http://b/x>`, `<http://b/dir/doc>`, `<HTTP://E/%7e/../ä#>`}},
		"nested bases":         {node(`<e:p xml:base="../a/"><e:T rdf:about="x" xml:base="b/c#f"><e:q rdf:resource="y"/></e:T></e:p><e:p rdf:resource="z"/>`), []string{`<http://e/T>`, `<http://b/a/b/y>`, `<http://b/a/b/x>`, `<http://b/dir/z>`}},
		"datatype":             {node(`<e:p rdf:datatype="` + xsd + `integer"> 01</e:p>`), []string{`" 01"^^<` + xsd + `integer>`}},
		"sections and escapes": {node("<e:p>a<![CDATA[<b>&amp;]]>&lt;&#xE9;&#13;<!-- c --><?p i?>\r\nd</e:p>"), []string{`"a<b>&amp;<é\r\nd"`}},
		"white space in attributes": {
			node("<e:p rdf:parseType=\"Resource\"><e:q\r\n><e:T e:a='1\r\n2\t3\n&#10;4'/></e:q></e:p>"), []string{`_:b0`, `<http://e/T>`, `"1 2 3 \n4"`, `_:b1`},
		},
		"members":      {node(`<rdf:li>a</rdf:li><rdf:_7>b</rdf:_7><rdf:li>c</rdf:li>`), []string{`"a"`, `"b"`, `"c"`}},
		"XML literal":  {node(`<e:p rdf:parseType="Literal"><e:x b="2" a='"'/><!--c--></e:p>`), []string{`"<e:x xmlns:e=\"http://e/\" a=\"&quot;\" b=\"2\"></e:x><!--c-->"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral>`}},
		"entities":     {`<!DOCTYPE rdf:RDF [ <!ENTITY xsd "` + xsd + `" > <!-- x --> <!ENTITY u 'Universität'><!ENTITY u "second"> ]>` + node(`<e:p rdf:datatype="&xsd;string">&u;&amp;</e:p>`), []string{`"Universität&"`}},
		"empty values": {node(`<e:p/><e:p></e:p><e:p> </e:p>`), []string{`""`, `""`, `" "`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, objects(t, c.source)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRDFXMLErrorsHaveAPlace(t *testing.T) {
	t.Parallel()
	at := func(content string) string { return "<?xml version='1.0'?>\n" + node("\n "+content) }
	for name, c := range map[string]struct{ source, want string }{
		"undeclared prefix":      {at(`<x:p>1</x:p>`), `line 3, column 2: the prefix "x" of x:p is not declared`},
		"text among properties":  {"<?xml version='1.0'?>\n" + node("x"), "text stands inside"},
		"no namespace":           {node(`<p>1</p>`), "has no namespace"},
		"attribute":              {node(`<e:p a="b">1</e:p>`), "the attribute a of <e:p> has no prefix"},
		"attribute twice":        {node(`<e:p xmlns:f="http://e/" e:a="b" f:a="c"/>`), "twice"},
		"about beside rdf:about": {xmlHead + `<e:T rdf:about="urn:a" about="urn:b"/>` + xmlTail, "twice"},
		"prefix twice":           {node(`<e:p xmlns:f="http://f/" xmlns:f="http://g/"/>`), "declared twice"},
		"two values":             {node(`<e:p><e:T/><e:T/></e:p>`), "more than one value"},
		"text and element":       {node(`<e:p>a<e:T/></e:p>`), "text beside an element"},
		"element and text":       {node(`<e:p><e:T/>a</e:p>`), "text beside an element"},
		"resource and text":      {node(`<e:p rdf:resource="urn:a">a</e:p>`), "in its attributes and a text"},
		"resource and element":   {node(`<e:p rdf:resource="urn:a"><e:T/></e:p>`), "in its attributes and an element"},
		"datatype and element":   {node(`<e:p rdf:datatype="urn:a"><e:T/></e:p>`), "rdf:datatype and an element"},
		"datatype and resource":  {node(`<e:p rdf:datatype="urn:a" rdf:resource="urn:b"/>`), "rdf:datatype and the attribute resource"},
		"unclosed":               {xmlHead + "<e:T>", "the document ends inside <e:T>"},
		"wrong end":              {xmlHead + "<e:T></e:U>", "</e:U> stands where </e:T> is expected"},
		"cut in a tag":           {xmlHead + "<e:T", "unexpected EOF"},
		"two roots":              {node("") + node(""), "follows the root element"},
		"text behind":            {node("") + "x", "outside the root"},
		"nothing":                {"<!-- nothing -->", "no element"},
		"bad language":           {node(`<e:p xml:lang="en_GB">x</e:p>`), "language tag"},
		"direction":              {node(`<e:p xml:lang="en--ltr">x</e:p>`), "base direction"},
		"direction by ITS":       {node(`<e:p xmlns:its="http://www.w3.org/2005/11/its" its:dir="rtl">x</e:p>`), "base direction"},
		"directional datatype":   {node(`<e:p rdf:datatype="http://www.w3.org/1999/02/22-rdf-syntax-ns#dirLangString">x</e:p>`), "base direction"},
		"langString":             {node(`<e:p rdf:datatype="` + rdf.LangString + `">x</e:p>`), "needs a language tag"},
		"triple terms":           {node(`<e:p rdf:parseType="Triple"><e:T/></e:p>`), "triple terms"},
		"annotation":             {node(`<e:p rdf:annotation="urn:a">x</e:p>`), "cannot stand"},
		"IRI with a blank":       {node(`<e:p rdf:resource="http://a b/"/>`), "no absolute IRI"},
		"namespace with a blank": {node(`<f:p xmlns:f="http://a b/">1</f:p>`), "no absolute IRI"},
		"relative namespace":     {node(`<f:p xmlns:f="f/">1</f:p>`), "no absolute IRI"},
		"system entities":        {`<!DOCTYPE a SYSTEM "file:///etc/passwd">` + node(""), "not fetched"},
		"public entities":        {`<!DOCTYPE a PUBLIC "-//x" "http://x/" [<!ENTITY a "b">]>` + node(""), "not fetched"},
		"an external entity":     {`<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + node("<e:p>&x;</e:p>"), "only entities with a text"},
		"parameter entity":       {`<!DOCTYPE a [<!ENTITY % x "y"> %x;]>` + node(""), "only entities with a text"},
		"default attributes":     {`<!DOCTYPE a [<!ATTLIST rdf:RDF xml:lang CDATA "en">]>` + node(""), "only entities with a text"},
		"nested entity":          {`<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]>` + node(""), "holds markup or another entity"},
		"markup in an entity":    {`<!DOCTYPE a [<!ENTITY x "<e:p/>">]>` + node(""), "holds markup"},
		"long entity":            {`<!DOCTYPE a [<!ENTITY x "` + strings.Repeat("x", 2000) + `">]>` + node(""), "more than 1024"},
		"many entities":          {`<!DOCTYPE a [` + strings.Repeat(`<!ENTITY x "y">`, 65) + `]>` + node(""), "more than 64"},
		"undeclared entity":      {node("<e:p>&nbsp;</e:p>"), "entity &nbsp;"},
		"late DOCTYPE":           {node("<!DOCTYPE a>"), "declaration stands inside"},
		"two DOCTYPEs":           {"<!DOCTYPE a><!DOCTYPE a>" + node(""), "no declaration"},
		"late XML declaration":   {" <?xml version='1.0'?>" + node(""), "very beginning"},
		"unknown encoding":       {`<?xml version="1.0" encoding="EBCDIC-FI-SE"?>` + node(""), "save the document as UTF-8"},
		"not UTF-8":              {node("<e:p>\xe4</e:p>"), "UTF-8"},
		"control character":      {node("<e:p>\x01</e:p>"), "illegal character"},
		"other XML":              {`<courses xmlns="http://e/"><course><title>x</title><title>y</title></course></courses>`, "is this RDF/XML at all"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := collect(strings.NewReader(c.source), rdf.RDFXML, "http://b/", rdf.Limits{})
			var syntax *rdf.SyntaxError
			if !errors.As(err, &syntax) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, error %v; want a SyntaxError about %q", got, err, c.want)
			}
			if syntax.Format != rdf.RDFXML || syntax.Line < 1 || syntax.Column < 1 {
				t.Errorf("no place in %#v", syntax)
			}
		})
	}
}

// TestLatin1 reads the encodings that older systems export.
func TestLatin1(t *testing.T) {
	t.Parallel()
	const text = "Ingenjörskunskap für Anfänger, Ærø"
	utf16 := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	for name, c := range map[string]struct {
		declared string
		encoding encoding.Encoding
		text     string
	}{
		"latin 1":        {` encoding="ISO-8859-1"`, charmap.ISO8859_1, text},
		"latin 1, lower": {" encoding = 'iso-8859-1' standalone='yes'", charmap.ISO8859_1, text},
		"latin 9":        {` encoding="ISO-8859-15"`, charmap.ISO8859_15, text + " 5 €"},
		"windows":        {` encoding="windows-1252"`, charmap.Windows1252, text + " „5 €“"},
		"UTF-16":         {` encoding="UTF-16"`, utf16, text + " 😀"},
		"UTF-16, big":    {"", unicode.UTF16(unicode.BigEndian, unicode.UseBOM), text},
		"UTF-8":          {` encoding="utf-8"`, encoding.Nop, text + " 😀"},
		"UTF-8, marked":  {` encoding="UTF-8"`, unicode.UTF8BOM, text},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, err := c.encoding.NewEncoder().String(`<?xml version="1.0"` + c.declared + "?>\n" + node("<e:p>"+c.text+"</e:p>"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{`"` + c.text + `"`}, objects(t, source)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRDFXMLLimits(t *testing.T) {
	t.Parallel()
	nested := func(n int) string {
		return xmlHead + strings.Repeat("<e:T><e:p>", n) + strings.Repeat("</e:p></e:T>", n) + xmlTail
	}
	long := strings.Repeat("x", 5000)
	entities := `<!DOCTYPE a [<!ENTITY x "` + long[:1000] + `">]>`
	for name, c := range map[string]struct {
		source string
		limits rdf.Limits
	}{
		"bytes":                {node(long), rdf.Limits{Bytes: 4000}},
		"triples":              {node("<e:p/><e:p/><e:p/>"), rdf.Limits{Triples: 2}},
		"depth":                {nested(32), rdf.Limits{}},
		"depth of XML":         {node(`<e:p rdf:parseType="Literal">` + strings.Repeat("<a>", 65)), rdf.Limits{}},
		"attributes":           {node("<e:p" + manyAttributes(257) + "/>"), rdf.Limits{}},
		"text":                 {node("<e:p>" + long + "</e:p>"), rdf.Limits{Literal: 4000}},
		"text in pieces":       {node("<e:p>" + strings.Repeat("xxxxxxxxxx<!-- -->", 500) + "</e:p>"), rdf.Limits{Literal: 4000}},
		"tag":                  {node("<e:p" + strings.Repeat(" ", 5000) + "/>"), rdf.Limits{Literal: 4000}},
		"comment":              {node("<!--" + long + "-->"), rdf.Limits{Literal: 4000}},
		"XML literal":          {node(`<e:p rdf:parseType="Literal">` + strings.Repeat("<a/>", 1500) + "</e:p>"), rdf.Limits{Literal: 10000}},
		"entities of a text":   {entities + node("<e:p>"+strings.Repeat("&x;", 2000)+"</e:p>"), rdf.Limits{}},
		"entities of all":      {entities + node(strings.Repeat("<e:p>"+strings.Repeat("&x;", 500)+"</e:p>", 500)), rdf.Limits{}},
		"namespaces of XML":    {node(`<e:p rdf:parseType="Literal" xmlns:f="` + long + `">` + strings.Repeat("<f:a/>", 5000) + "</e:p>"), rdf.Limits{Literal: 1 << 25}},
		"long names":           {xmlHead + `<e:T xmlns:f="http://` + long + strings.Repeat(long, 50) + `/">` + strings.Repeat("<f:p/>", 20000) + "</e:T>" + xmlTail, rdf.Limits{}},
		"bases that grow":      {node(strings.Repeat(`<e:p xml:base="`+long+`/"><e:T>`, 30)), rdf.Limits{Literal: 20000}},
		"long base, many uses": {node(`<e:p xml:base="http://` + long + long + `/"><e:T>` + strings.Repeat(`<e:q rdf:resource="x"/>`, 5000)), rdf.Limits{Steps: 1 << 20}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := collect(strings.NewReader(c.source), rdf.RDFXML, "http://b/", c.limits); !errors.Is(err, rdf.ErrLimit) {
				t.Errorf("error %v, want ErrLimit", err)
			}
		})
	}
	if _, err := collect(strings.NewReader(nested(31)), rdf.RDFXML, "", rdf.Limits{}); err != nil {
		t.Errorf("63 levels: %v", err)
	}
}

func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` e:a%d="1"`, i)
	}
	return b.String()
}

func TestRDFXMLConsumerMayStop(t *testing.T) {
	t.Parallel()
	source := node(`<e:p rdf:ID="i"><e:T e:a="b"/></e:p><e:p rdf:parseType="Collection"><e:T/><e:T/></e:p><e:p rdf:datatype="urn:d">1</e:p><e:p rdf:parseType="Literal">1</e:p>`)
	all := len(objects(t, source))
	for stopAt := range all {
		seen := 0
		for _, err := range rdf.Decode(strings.NewReader(source), rdf.RDFXML, "http://b/", rdf.Limits{}) {
			if err != nil {
				t.Fatal(err)
			}
			if seen++; seen > stopAt {
				break
			}
		}
	}
}

// TestEncodeRDFXML tries predicates whose obvious names mean something else, and what XML has no form for.
func TestEncodeRDFXML(t *testing.T) {
	t.Parallel()
	const ns = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	for predicate, ok := range map[string]bool{
		ns + "type": true, ns + "li": true, ns + "about": true, ns + "Description": true, ns + "_1": true, ns + "ID": true,
		"http://www.w3.org/2000/xmlns/a": false, "http://www.w3.org/2000/xmlns/ab": true, "http://www.w3.org/XML/1998/namespacelang": true,
		"urn:a:b": true, "urn:a:1": false, "urn:a:1b-2.c": true, "http://x/kurs-ä": true, "http://x/課": false, "http://x/": false, "x:y": true, "a:": false,
		"http://x/?a&b='c": true,
	} {
		triples := []rdf.Triple{{Subj: rdf.MustIRI("urn:s?a&b"), Pred: rdf.MustIRI(predicate), Obj: rdf.Typed("<\r\n\t>", "urn:t&")}}
		var b bytes.Buffer
		err := rdf.Encode(&b, rdf.RDFXML, triples)
		if !ok {
			if !errors.Is(err, rdf.ErrFormat) || b.Len() > 0 {
				t.Errorf("%s: error %v, written %q", predicate, err, b.String())
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", predicate, err)
			continue
		}
		source := b.String()
		back, err := collect(&b, rdf.RDFXML, "", rdf.Limits{})
		if err != nil {
			t.Errorf("%s: %v\n%s", predicate, err, source)
		} else if diff := cmp.Diff(canonical(t, triples), canonical(t, back)); diff != "" {
			t.Errorf("%s\n%s", diff, source)
		}
	}
	for _, o := range []rdf.Object{rdf.String("\x00"), rdf.String("\uffff"), rdf.Typed("", "urn:\uffff"), rdf.MustIRI("urn:\ufffe")} {
		triple := rdf.Triple{Subj: rdf.MustIRI("urn:s"), Pred: rdf.MustIRI("urn:p"), Obj: o}
		if err := rdf.Encode(&bytes.Buffer{}, rdf.RDFXML, []rdf.Triple{triple}); !errors.Is(err, rdf.ErrFormat) {
			t.Errorf("%q: error %v", o, err)
		}
	}
}

// TestOtherXML refuses XML of the same domain that is no RDF.
func TestOtherXML(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"elm/loq-sample.xml", "registries/catalogue-example.xml"} {
		source := readFile(t, filepath.Join(corpus(t), "../standards/data", name))
		_, err := collect(bytes.NewReader(source), rdf.RDFXML, "http://b/", rdf.Limits{})
		if err == nil || !strings.Contains(err.Error(), "is this RDF/XML at all") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func BenchmarkDecodeRDFXML(b *testing.B) {
	triples, err := collect(strings.NewReader(courses(1000)), rdf.Turtle, "", rdf.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	var document bytes.Buffer
	if err := rdf.Encode(&document, rdf.RDFXML, triples); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(document.Len()))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range rdf.Decode(bytes.NewReader(document.Bytes()), rdf.RDFXML, "", rdf.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(triples))*float64(b.N)/b.Elapsed().Seconds(), "triples/s")
}
