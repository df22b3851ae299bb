package access_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/federation"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	own, other := rsaKeys()[:1], rsaKeys()[1]
	seal := func(secret string) string {
		text, _, err := access.Encrypt(&own[0].PublicKey, []byte(secret))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	foreign, _, err := access.Encrypt(&other.PublicKey, []byte(canary))
	if err != nil {
		t.Fatal(err)
	}
	print := func(i int) string {
		text, err := access.Fingerprint(&rsaKeys()[i].PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	long := seal(strings.Repeat(canary, 100))
	for name, k := range map[string]struct {
		params                map[string]string
		blind, formal, opened []string // without keys; without decrypting; with
	}{
		"for this node":      {map[string]string{"value": seal(canary)}, nil, nil, nil},
		"long":               {map[string]string{"value": long}, nil, nil, nil},
		"wrapped lines":      {map[string]string{"value": seal(canary)[:64] + "\n" + seal(canary)[64:]}, nil, nil, []string{"info /value"}}, // two ciphertexts mixed
		"for another":        {map[string]string{"value": foreign}, nil, nil, []string{"info /value"}},
		"in the clear":       {map[string]string{"value": canary}, []string{"violation /value"}, []string{"violation /value"}, []string{"violation /value"}},
		"clear, as Base64":   {map[string]string{"value": "Y2FuYXJ5"}, []string{"violation /value"}, []string{"violation /value"}, []string{"violation /value"}},
		"named for this":     {map[string]string{"values." + print(0): seal(canary)}, nil, nil, nil},
		"named for another":  {map[string]string{"values." + print(1): foreign}, nil, []string{"info /value"}, []string{"info /value"}},
		"no key's name":      {map[string]string{"values.main": foreign}, []string{"violation /values/main"}, []string{"violation /values/main"}, []string{"violation /values/main"}},
		"other parameters":   {map[string]string{"field": "X-Key", "client_id": canary}, nil, nil, nil},
		"one clear for each": {map[string]string{"values." + print(0): canary, "values." + print(1): foreign}, []string{"violation /values/" + print(0)}, []string{"violation /values/" + print(0)}, []string{"violation /values/" + print(0)}},
	} {
		auth := federation.Auth{Type: "httpheader", Params: k.params}
		for i, got := range [][]federation.ManifestProblem{access.Inspect(auth, "value", nil, false), access.Inspect(auth, "value", own, false), access.Inspect(auth, "value", own, true)} {
			var told []string
			for _, p := range got {
				told = append(told, p.Severity+" "+p.Where)
				if p.Message == "" || p.Fix == "" || strings.Contains(fmt.Sprint(p), canary) {
					t.Errorf("%s: %+v", name, p)
				}
			}
			if diff := cmp.Diff([][]string{k.blind, k.formal, k.opened}[i], told); diff != "" {
				t.Errorf("%s, way %d: %s", name, i, diff)
			}
		}
	}
}
