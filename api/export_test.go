package api

import "time"

// Heartbeat changes how often quiet streams show that they live; before the first request.
func (a *API) Heartbeat(every time.Duration) { a.streams.beat = every }
