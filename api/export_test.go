package api

import "time"

// PatienceWithClients changes how long a stream waits for its client; before the first request.
func (a *API) PatienceWithClients(d time.Duration) { a.streams.write = d }

// OpenStreams counts them.
func (a *API) OpenStreams() int {
	a.streams.mu.Lock()
	defer a.streams.mu.Unlock()
	return a.streams.open
}

// Heartbeat changes how often quiet streams show that they live; before the first request.
func (a *API) Heartbeat(every time.Duration) { a.streams.beat = every }
