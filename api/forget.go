package api

// EraseRequest asks for a notice of erasure: for records by CID, for the past versions of a course, or both.
type EraseRequest struct {
	Provider string   `json:"provider"`
	Subject  string   `json:"subject,omitempty"` // IRI of a course
	Records  []string `json:"records,omitempty"`
}

// Erased is what a notice did here; other nodes follow within a day.
type Erased struct {
	Provider string   `json:"provider"`
	Records  []string `json:"records"`
	Notices  []string `json:"notices"`
	Erased   int      `json:"erased"` // blocks removed here now; a record that is current goes once it is withdrawn
}

// PurgeRequest names what to remove from this node alone.
type PurgeRequest struct {
	History   bool     `json:"history,omitempty"`   // every version but the current ones
	Snapshots bool     `json:"snapshots,omitempty"` // bytes fetched from sources
	Records   []string `json:"records,omitempty"`   // past versions, by CID
	// Publishers for whom nobody speaks any more: everything of theirs
	Publishers []string `json:"publishers,omitempty"`
}

// Purged counts what is gone.
type Purged struct {
	Blocks    int   `json:"blocks"`
	Bytes     int64 `json:"bytes"`
	Snapshots int   `json:"snapshots"`
}
