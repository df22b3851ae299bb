package api

// paged declares the parameters of lists that are short on most nodes: what fits on one page comes at once.
type paged struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"5000" default:"1000"`
	Cursor string `query:"cursor" maxLength:"20" doc:"From next"`
}

// pageItems of a list, where nothing else is asked for.
const pageItems = 1000

// pageOf answers with one page of a list in a fixed order.
func pageOf[T any](a *API, c *call, items []T) (response, error) {
	from, to, next, err := page(c.query, len(items), pageItems)
	if err != nil {
		return response{}, err
	}
	out := listOf(items[from:to:to])
	out.Total = len(items)
	header := a.rootHeaders()
	if next != "" {
		address := a.nextURL(c, next)
		out.Next = &address
		header["Link"] = "<" + address + `>; rel="next"`
	}
	return response{value: out, header: header}, nil
}
