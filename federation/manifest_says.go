package federation

import (
	"fmt"
	"strings"
)

// says tells in plain words what nodes do with the manifest.
func (c *manifestCheck) says(r ManifestReport) []string {
	lines := []string{"It speaks for " + r.Provider + "."}
	if r.Provider == "" {
		lines[0] = "It does not say which institution it is of; the domain where it is found decides."
	}
	if r.Withdrawn {
		lines = append(lines, "Nodes take all courses of the institution down and read no source.")
	} else {
		lines = append(lines, c.saysSources(r)...)
	}
	lines = append(lines, c.saysPublishing(r))
	if len(r.Delegates) > 0 {
		lines = append(lines, fmt.Sprintf("Courses of the institution that %s lists count too.", series(r.Delegates)))
	}
	if c.Unheard != "" && r.Publishing != PublishingOpen {
		lines = append(lines, "But whom it lets publish is not read from here: "+c.Unheard+".")
	}
	return lines
}

func (c *manifestCheck) saysSources(r ManifestReport) []string {
	fetched := 0
	var lines []string
	for i, e := range r.Sources {
		if !e.Fetched {
			lines = append(lines, fmt.Sprintf("Not read: %s, because: %s.", e.Path, e.Reason))
			continue
		}
		fetched++
		lines = append(lines, fmt.Sprintf("Read as %s: %s, %s%s.", e.Standard, e.Path, openedBy(c.manifest.Sources[i].Auth), everySo(c.manifest.Sources[i].Refresh)))
	}
	if r.LeftOut > 0 {
		lines = append(lines, fmt.Sprintf("Left out: %d of the entries under sources; the findings say why.", r.LeftOut))
	}
	if total := len(r.Sources) + r.LeftOut; fetched == 0 {
		return append([]string{"Nodes read no source, and so no courses."}, lines...)
	} else {
		return append([]string{fmt.Sprintf("Nodes read %d of %d sources, in this order.", fetched, total)}, lines...)
	}
}

func openedBy(auth Auth) string {
	switch auth.Type {
	case "httpheader":
		if auth.has("value") {
			return "with a secret in the header " + clip(auth.Params["field"])
		}
		return "with a secret in the header " + clip(auth.Params["field"]) + ", once the node's operator has it"
	case "oauth2.0":
		return "with a token from " + shownURL(auth.Params["token_endpoint"])
	case "httpsig":
		return "with signed requests"
	}
	return "open to everybody"
}

func everySo(hours float64) string {
	if hours == 0 {
		return ""
	}
	return fmt.Sprintf(", every %g hours at most", hours)
}

func (c *manifestCheck) saysPublishing(r ManifestReport) string {
	switch r.Publishing {
	case PublishingNobody:
		return "Nobody may publish for the institution."
	case PublishingOpen:
		return "It names no publisher: what nodes harvest counts only if an alliance of the institution publishes it."
	}
	ids := make([]string, len(r.Publishers))
	for i, id := range r.Publishers {
		ids[i] = string(id)
		if id == c.Self {
			ids[i] += " (this node)"
		}
	}
	if len(ids) == 1 {
		return "One publisher may publish for the institution: " + ids[0] + "."
	}
	return "These may publish for the institution, the first that does counts: " + strings.Join(ids, ", ") + "."
}

// series joins a few names; of many it tells the number.
func series(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("each of %d domains", len(names))
	}
	return strings.Join(names, " or ")
}
