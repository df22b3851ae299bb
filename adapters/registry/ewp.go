package registry

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const ewpNamespace = "https://github.com/erasmus-without-paper/ewp-specs-api-registry/tree/stable-v1"

// ewpHEI is r:hei of the EWP catalogue. Several values of one type occur, and several names in one language.
type ewpHEI struct {
	ID    string `xml:"id,attr"`
	Other []struct {
		Type  string `xml:"type,attr"`
		Value string `xml:",chardata"`
	} `xml:"other-id"`
	Names []struct {
		Lang  string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
		Value string `xml:",chardata"`
	} `xml:"name"`
}

// readEWP walks the catalogue; encoding/xml stops at entities that a document declares.
func (l *List) readEWP(body []byte) error {
	l.Format = "EWP"
	d := xml.NewDecoder(bytes.NewReader(body))
	depth := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("EWP catalogue: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 && (t.Name.Local != "catalogue" || t.Name.Space != ewpNamespace) {
				return fmt.Errorf("the root element is %s in %q: %w", t.Name.Local, t.Name.Space, ErrFormat)
			}
			if depth++; depth > maxDepth {
				return fmt.Errorf("EWP catalogue: nested deeper than %d", maxDepth)
			}
			if t.Name.Local == "hei" && t.Name.Space == ewpNamespace {
				depth--
				if err := l.hei(d, t); err != nil {
					return err
				}
			}
		case xml.EndElement:
			depth--
		}
	}
}

func (l *List) hei(d *xml.Decoder, start xml.StartElement) error {
	var hei ewpHEI
	line, _ := d.InputPos()
	if err := d.DecodeElement(&hei, &start); err != nil {
		return fmt.Errorf("EWP catalogue: %w", err)
	}
	e := entry{where: fmt.Sprintf("hei %s (line %d)", hei.ID, line)}
	l.addSchac(&e, hei.ID, false)
	for _, o := range hei.Other {
		l.identify(&e, o.Type, strings.TrimSpace(o.Value))
	}
	for i, n := range hei.Names {
		if i == 0 || strings.HasPrefix(strings.ToLower(n.Lang), "en") {
			e.name = strings.TrimSpace(n.Value)
		}
	}
	if len(e.schac) == 0 {
		return nil // reported
	}
	return l.add(e)
}

// identify sorts an identifier by its type, as the EWP registry, the EUF HEI API and DEQAR write it.
func (l *List) identify(e *entry, kind, value string) {
	if value == "" {
		return
	}
	switch strings.ToLower(kind) {
	case "schac":
		l.addSchac(e, value, false)
	case "previous-schac":
		l.addSchac(e, value, true)
	case "pic", "eu-pic":
		e.pic = value
	case "erasmus":
		e.erasmus = padded(value)
	default: // erasmus-charter, euc, whed, did, national ones
		e.others = append(e.others, value)
	}
}

// padded gives an Erasmus code back the blanks that get lost: its country part has three characters.
func padded(code string) string {
	fields := strings.Fields(code)
	if len(fields) == 2 && len(fields[0]) <= 3 {
		return fmt.Sprintf("%-3s%s", fields[0], fields[1])
	}
	return code
}
