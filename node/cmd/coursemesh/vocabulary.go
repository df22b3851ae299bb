package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
	"github.com/coursemesh/coursemesh/node/vocabularies"
	"github.com/spf13/cobra"
)

func newVocabulary(o *options) *cobra.Command {
	cmd := &cobra.Command{Use: "vocabulary", Short: "Controlled vocabularies", Args: exactly(0), RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	cmd.AddCommand(newVocabularyUpdate(o))
	return cmd
}

// newVocabularyUpdate takes newer lists in.
func newVocabularyUpdate(o *options) *cobra.Command {
	var q api.VocabularyRequest
	cmd := &cobra.Command{
		Use:   "update [--from FILE|DIR|URL ...]",
		Short: "Take newer lists of languages, fields, levels and other concepts in",
		Long: "Without --from the Publications Office of the European Union is asked (vocabulary.endpoint). Files and URLs hold SKOS\n" +
			"as Turtle, N-Triples, RDF/XML or JSON-LD, or a TSV table with the columns iri and label_en, label_de, ...\n" +
			"New concepts and labels lie over the embedded lists; nothing goes unless the lists are said to be complete.\n" +
			"What is wrong anywhere changes nothing.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for i, place := range q.From {
				q.From[i] = absolute(place)
			}
			var report vocabularies.Report
			err := o.withNew(func(s *session) error { return s.act(cmd.Context(), "/v1/admin/vocabularies", q, &report) })
			if err != nil {
				return err
			}
			return o.print(report, func(w io.Writer) { writeVocabularies(w, report, q.DryRun) })
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&q.From, "from", nil, "file, directory or URL to read; repeatable")
	flags.BoolVar(&q.Complete, "complete", false, "each vocabulary found is given whole: concepts that it lacks go")
	flags.BoolVar(&q.AllowLoss, "allow-loss", false, "with --complete: even when more than a tenth goes")
	flags.BoolVar(&q.DryRun, "dry-run", false, "only say what would change")
	return cmd
}

func writeVocabularies(w io.Writer, r vocabularies.Report, dry bool) {
	for _, s := range r.Sources {
		fmt.Fprintf(w, "%s: %s, %d concepts", s.From, s.Format, s.Concepts)
		if s.Ignored > 0 {
			fmt.Fprintf(w, ", %d of other vocabularies left out", s.Ignored)
		}
		fmt.Fprintln(w)
	}
	for _, c := range r.Vocabularies {
		writeVocabulary(w, c)
	}
	switch {
	case !r.Changed:
		fmt.Fprintln(w, "nothing new")
	case dry:
		fmt.Fprintln(w, "nothing was changed (--dry-run)")
	default:
		fmt.Fprintf(w, "version %d is in force\n", r.Version)
	}
}

func writeVocabulary(w io.Writer, c vocabulary.Change) {
	fmt.Fprintf(w, "%-12s %5d concepts, %d added, %d removed, %d labels and %d codes new or changed\n",
		c.Vocabulary, c.Concepts, len(c.Added), len(c.Removed), len(c.Labels), c.Codes)
	if len(c.Added) > 0 {
		fmt.Fprintf(w, "  added:   %s\n", some(c.Added))
	}
	if len(c.Removed) > 0 {
		fmt.Fprintf(w, "  removed: %s\n", some(c.Removed))
	}
	for _, l := range c.Labels[:min(len(c.Labels), shown)] {
		fmt.Fprintf(w, "  %s (%s): %q, before %q\n", l.ID, l.Language, l.Now, l.Before)
	}
}

// shown is how many of a kind are listed one by one; --json has all.
const shown = 10

func some(ids []string) string {
	text := strings.Join(ids[:min(len(ids), shown)], ", ")
	if len(ids) > shown {
		text += fmt.Sprintf(" and %d more", len(ids)-shown)
	}
	return text
}
