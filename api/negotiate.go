package api

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// negotiate picks the offer that an Accept header prefers (RFC 9110 section 12.5.1): by quality, then
// by order of the offers; -1 when none is acceptable. Without a header the first offer is right.
func negotiate(accept string, offers []string) int {
	if strings.TrimSpace(accept) == "" {
		return 0
	}
	best, quality := -1, 0.0
	for i, offer := range offers {
		if q := qualityOf(accept, offer); q > quality {
			best, quality = i, q
		}
	}
	return best
}

// qualityOf is what the most specific range of the header that covers an offer says.
func qualityOf(accept, offer string) float64 {
	kind, _, _ := strings.Cut(offer, "/")
	quality, specific := 0.0, 0
	for part := range strings.SplitSeq(accept, ",") {
		media, parameters, _ := strings.Cut(part, ";")
		level := 0
		switch strings.ToLower(strings.TrimSpace(media)) {
		case offer:
			level = 3
		case kind + "/*":
			level = 2
		case "*/*":
			level = 1
		}
		if level > specific {
			specific, quality = level, qualityIn(parameters)
		}
	}
	return quality
}

func qualityIn(parameters string) float64 {
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if !strings.EqualFold(name, "q") {
			continue
		}
		if q, err := strconv.ParseFloat(value, 64); err == nil && q >= 0 && q <= 1 {
			return q
		}
		return 0
	}
	return 1
}

// tagOf makes a weak entity tag of everything an answer depends on.
func tagOf(parts ...any) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%v\n", p)
	}
	return `W/"` + hex.EncodeToString(h.Sum(nil)[:12]) + `"`
}
