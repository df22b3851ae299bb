package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestVerifySaysWhatBytesAre: bytes are judged as what they claim to be, and one that is damaged says so in its terms.
func TestVerifySaysWhatBytesAre(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{"record-bare.envelope": "record", "head.envelope": "head", "proof.cbor": "proof"} {
		data, err := os.ReadFile(filepath.Join("../../../testdata/vectors", file))
		if err != nil {
			t.Fatal(err)
		}
		v := judgeBytes(data)
		if !v.Valid || v.What != want || v.Publisher == "" || v.Reason != "" {
			t.Errorf("%s: %+v", file, v)
		}
		if (want == "record") != (v.Head == nil) {
			t.Errorf("%s: the number is %+v", file, v.Head)
		}
		for what, damaged := range map[string][]byte{
			"cut short": data[:len(data)-1], "longer": append(bytes.Clone(data), 0), "changed": append(bytes.Clone(data[:len(data)-9]), make([]byte, 9)...),
		} {
			if v := judgeBytes(damaged); v.Valid || v.What != want || v.Reason == "" {
				t.Errorf("%s %s: %+v", file, what, v)
			}
		}
	}
	for _, data := range []string{"", "{}", "id,title", strings.Repeat("x", 5000)} {
		if v := judgeBytes([]byte(data)); v.Valid || v.What != "" || !strings.Contains(v.Reason, "nothing that is signed") {
			t.Errorf("%.10q: %+v", data, v)
		}
	}
}

// TestVerifyFolderThatIsNoDump says so.
func TestVerifyFolderThatIsNoDump(t *testing.T) {
	t.Parallel()
	if v, err := judgeFile(context.Background(), t.TempDir()); err != nil || v.Valid || !strings.Contains(v.Reason, "no dump") {
		t.Errorf("%+v, %v", v, err)
	}
}
