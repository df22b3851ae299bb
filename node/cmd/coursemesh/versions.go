package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"
)

// newCourseHistory lists the kept versions of a course.
func newCourseHistory(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "history ID",
		Short: "List the versions of a course that this node keeps, newest first",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.showCourse(cmd, args[0], "/history", writeHistory)
		},
	}
}

// newCourseDiff compares two versions of a course.
func newCourseDiff(o *options) *cobra.Command {
	query := url.Values{}
	var from, to string
	cmd := &cobra.Command{
		Use:   "diff ID",
		Short: "Show field by field what the current version of a course states differently",
		Long:  "Compare two versions of a course field by field; without --to the current one, without --from the one before it.",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for name, c := range map[string]string{"from": from, "to": to} {
				if c != "" {
					query.Set(name, c)
				}
			}
			return o.showCourse(cmd, args[0], "/diff?"+query.Encode(), writeDiff)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "CID of a record in the course's history")
	cmd.Flags().StringVar(&to, "to", "", "CID of a record in the course's history")
	return cmd
}

// showCourse prints what the API answers below a course.
func (o *options) showCourse(cmd *cobra.Command, id, below string, human func(io.Writer, json.RawMessage)) error {
	var answer json.RawMessage
	err := o.with(func(s *session) error {
		if err := s.ready(cmd.Context()); err != nil {
			return err
		}
		return s.get(cmd.Context(), "/v1/courses/"+url.PathEscape(id)+below, &answer)
	})
	if err != nil {
		return err
	}
	return o.print(answer, func(w io.Writer) { human(w, answer) })
}

func writeHistory(w io.Writer, answer json.RawMessage) {
	var list struct {
		Items []struct {
			Record, Issued, Publisher string
			Version                   bool
			Changes                   *struct{ Specification, Offering, Volatile int }
		}
		Withdrawn *struct{ Issued, Publisher, Head string }
	}
	_ = json.Unmarshal(answer, &list) // our own answer
	if gone := list.Withdrawn; gone != nil {
		fmt.Fprintf(w, "%s  no longer in the catalogue; head %s of publisher %s\n", cmp.Or(gone.Issued, "-"), cmp.Or(gone.Head, "-"), gone.Publisher)
	}
	for _, v := range list.Items {
		what := "first kept"
		if v.Changes != nil {
			what = fmt.Sprintf("%d of the course, %d of its runs, %d volatile", v.Changes.Specification, v.Changes.Offering, v.Changes.Volatile)
		}
		fmt.Fprintf(w, "%s  %s  %s\n", v.Issued, v.Record, what)
	}
}

func writeDiff(w io.Writer, answer json.RawMessage) {
	var diff struct {
		From, To    struct{ Record string }
		Differences []struct {
			Field, Class string
			From, To     json.RawMessage
		}
	}
	_ = json.Unmarshal(answer, &diff) // our own answer
	fmt.Fprintf(w, "- %s\n+ %s\n", diff.From.Record, diff.To.Record)
	for _, d := range diff.Differences {
		fmt.Fprintf(w, "%s (%s)\n  - %s\n  + %s\n", d.Field, d.Class, d.From, d.To)
	}
}
