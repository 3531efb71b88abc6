package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/test/harness"
)

// notRun holds parts of commands in the documents that need what a test does not have, with the reason.
var notRun = map[string]string{
	"make ":               "the test is a part of it",
	"…":                   "a value of the reader's",
	"db.example":          "a server of the reader's",
	"crm.example":         "likewise",
	"bin/bellman sandbox": "runs until it is stopped",
	"sudo ":               "another user",
	"systemctl":           "the service of a machine",
	"sqlite3 ":            "a program that need not be there",
	"pg_dump":             "likewise",
}

// shell runs the commands of a document. Its curl fails for a refusal, and finds the server, which is not on the port of
// the documents. Its sleep lasts until no broadcast goes out, because a busy machine takes longer than a reader's.
const shell = `set -euo pipefail
curl() { command curl --fail-with-body --max-time 20 "${@//localhost:8080/$SERVER}"; }
sleep() {
  command sleep "$1"
  while curl -s -u me:$KEY localhost:8080/manage/v1/campaigns | grep -qE '"kind":"broadcast","state":"(launching|sending)"'; do
    command sleep 0.1
  done
}
`

// script joins the blocks of commands of a document.
func script(t *testing.T, document string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", document))
	require.NoError(t, err)
	var s, block strings.Builder
	inside, blocks := false, 0
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "```sh":
			inside = true
			block.Reset()
			fmt.Fprintf(&block, "echo; echo '## %s, line %d'\n", document, i+1)
		case inside && line == "```":
			inside = false
			if reason := leftOut(block.String()); reason == "" {
				s.WriteString(block.String())
				blocks++
			}
		case inside:
			block.WriteString(line + "\n")
		}
	}
	require.Positive(t, blocks)
	return s.String()
}

// leftOut says why a block is not run; empty when it is.
func leftOut(block string) string {
	for part, reason := range notRun {
		if strings.Contains(block, part) {
			return reason
		}
	}
	return ""
}

// writeFixtures writes the files that the commands of the documents send.
func writeFixtures(t *testing.T, dir string) {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, 16, 16))
	var asJPEG, asPNG bytes.Buffer
	require.NoError(t, jpeg.Encode(&asJPEG, picture, nil))
	require.NoError(t, png.Encode(&asPNG, picture))
	for name, content := range map[string][]byte{
		"sale.jpg": asJPEG.Bytes(), "banner.png": asPNG.Bytes(),
		"update.json": []byte(`{"update_id":1,"callback_query":{"id":"1","from":{"id":501},"data":"x"}}`),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
}

// TestDocumentsCanBeFollowed runs the commands of the documents word for word and in their order, on an empty folder, as
// somebody does who tries Bellman out: none is refused. What goes on from the README begins with it.
func TestDocumentsCanBeFollowed(t *testing.T) {
	t.Parallel()
	for _, documents := range [][]string{
		{"README.md"}, {"docs/sandbox.md"}, {"README.md", "docs/messages.md"}, {"README.md", "docs/operating.md"},
	} {
		t.Run(documents[len(documents)-1], func(t *testing.T) {
			t.Parallel()
			program := harness.Program{Binary: bellman, Folder: t.TempDir()}
			bin := filepath.Join(program.Folder, "bin")
			require.NoError(t, os.Mkdir(bin, 0o700))
			require.NoError(t, os.Symlink(bellman, filepath.Join(bin, "bellman")))
			writeFixtures(t, program.Folder)
			address, err := harness.FreeAddress()
			require.NoError(t, err)
			server, err := program.Start(t.Context(), "bellman", address, "serve", "--sandbox", "--sandbox-listen", "127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, server.Kill()) })
			commands := shell
			for _, document := range documents {
				commands += script(t, document)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
			defer cancel()
			cmd := exec.CommandContext(ctx, "bash", "-c", commands)
			cmd.Dir = program.Folder
			cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + program.Folder, "SERVER=" + address}
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
		})
	}
}
