package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestOtherMethodsAreNamed: who asks in the wrong way is told the right one, whichever it is.
func TestOtherMethodsAreNamed(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	for call, want := range map[string]string{"DELETE /v1/courses": "only GET", "POST /v1/node": "only GET", "GET /v1/validate": "only POST"} {
		method, path, _ := strings.Cut(call, " ")
		w := httptest.NewRecorder()
		n.api.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if w.Code != http.StatusMethodNotAllowed || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: status %d, it should say %q: %s", call, w.Code, want, w.Body)
		}
	}
}
