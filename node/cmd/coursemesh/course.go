package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// newCourse searches and reads courses.
func newCourse(o *options) *cobra.Command {
	cmd := &cobra.Command{Use: "course", Short: "Search and read courses", Args: exactly(0), RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	cmd.AddCommand(newCourseSearch(o), newCourseGet(o), newCourseHistory(o), newCourseDiff(o), newCourseErase(o))
	return cmd
}

func newCourseSearch(o *options) *cobra.Command {
	var filters, facets []string
	var limit int
	var cursor, sort string
	cmd := &cobra.Command{
		Use:     "search [WORD...]",
		Short:   "Search courses; --json gives the API's list",
		Example: "  coursemesh course search data --filter language=en --filter ects.gte=5",
		RunE: func(cmd *cobra.Command, args []string) error {
			query := url.Values{"limit": {strconv.Itoa(limit)}}
			for name, value := range map[string]string{"q": strings.Join(args, " "), "cursor": cursor, "sort": sort, "facets": strings.Join(facets, ",")} {
				if value != "" {
					query.Set(name, value)
				}
			}
			for _, f := range filters {
				name, value, ok := strings.Cut(f, "=")
				if !ok {
					return usage(fmt.Errorf("--filter %s: write it as name=value", f))
				}
				query.Add(name, value)
			}
			var list json.RawMessage
			err := o.with(func(s *session) error {
				if err := s.ready(cmd.Context()); err != nil {
					return err
				}
				return s.get(cmd.Context(), "/v1/courses?"+query.Encode(), &list)
			})
			if err != nil {
				return err
			}
			return o.print(list, func(w io.Writer) { writeCourses(w, list) })
		},
	}
	cmd.Flags().StringArrayVar(&filters, "filter", nil, "filter of GET /v1/courses, as name=value; repeatable")
	cmd.Flags().StringSliceVar(&facets, "facets", nil, "facets to count")
	cmd.Flags().IntVar(&limit, "limit", 20, "courses, at most 100")
	cmd.Flags().StringVar(&cursor, "cursor", "", "the page after this cursor")
	cmd.Flags().StringVar(&sort, "sort", "", "order")
	return cmd
}

func writeCourses(w io.Writer, list json.RawMessage) {
	var l struct {
		Total int
		Items []struct {
			ID        string
			Title     map[string]string
			ECTS      *float64
			Languages []string
			Providers []struct{ ID string }
		}
	}
	_ = json.Unmarshal(list, &l) // our own answer
	for _, c := range l.Items {
		ects, provider := "", ""
		if c.ECTS != nil {
			ects = strconv.FormatFloat(*c.ECTS, 'g', -1, 64) + " ECTS"
		}
		if len(c.Providers) > 0 {
			provider = c.Providers[0].ID
		}
		fmt.Fprintf(w, "%s  %s  (%s %s %s)\n", c.ID, title(c.Title), provider, ects, strings.Join(c.Languages, ","))
	}
	fmt.Fprintf(w, "%d of %d courses\n", len(l.Items), l.Total)
}

// title picks English, else the first language in order.
func title(t map[string]string) string {
	for _, tag := range []string{"en", "en-gb", "en-us"} {
		if text, ok := t[tag]; ok {
			return text
		}
	}
	var tags []string
	for tag := range t {
		tags = append(tags, tag)
	}
	if len(tags) == 0 {
		return ""
	}
	return t[slices.Min(tags)]
}

func newCourseGet(o *options) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "get ID",
		Short: "Read one course by UUID, IRI or another identifier",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.with(func(s *session) error {
				if err := s.ready(cmd.Context()); err != nil {
					return err
				}
				body, err := s.raw(cmd.Context(), "/v1/courses/"+url.PathEscape(args[0])+"?format="+url.QueryEscape(format), "*/*")
				if err != nil {
					return err
				}
				if format == "json" && len(body) > 0 && body[len(body)-1] != '\n' {
					body = append(body, '\n')
				}
				_, err = o.out.Write(body)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "json", "json, jsonld, turtle, rdfxml or ntriples (the canonical bytes)")
	return cmd
}
