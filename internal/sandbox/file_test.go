package sandbox

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLargeFiles checks files at the limits, without the calls that would bring
// them.
func TestLargeFiles(t *testing.T) {
	t.Parallel()
	c := call{bot: newBot(1, false), sandbox: New(Options{})}
	zeros := make([]byte, maxUpload+1)
	for _, part := range []struct {
		kind *mediaKind
		size int
		want string
	}{
		{documentKind, maxUpload, ""},
		{documentKind, maxUpload + 1, "Request Entity Too Large"},
		{photoKind, maxPhoto, ""},
		{photoKind, maxPhoto + 1, "File of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes"},
	} {
		_, err := c.attach(part.kind, source{upload: &param{value: zeros[:part.size], file: true}}, description{})
		if part.want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, part.want)
	}
}

func TestGetLargeFile(t *testing.T) {
	t.Parallel()
	for _, part := range []struct {
		size  int64
		local bool
		want  string
	}{
		{maxDownload, false, ""},
		{maxDownload + 1, false, "file is too big"},
		{maxDownload + 1, true, ""},
	} {
		c := call{bot: newBot(1, false), sandbox: New(Options{Local: part.local})}
		f := &File{Kind: "document", UniqueID: "x", Size: part.size}
		c.bot.keepFile(f)
		c.params.form([]byte("file_id=" + f.ID))
		err := c.getFile()
		if part.want == "" {
			require.NoError(t, err)
			require.Contains(t, string(c.out), `"file_path":"documents/file_1"`)
			continue
		}
		require.EqualError(t, err, part.want)
	}
}

// FuzzUpload: any upload is refused, or becomes a file that a Message can describe.
func FuzzUpload(f *testing.F) {
	for i, seed := range []string{
		"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "\xff\xd8\xff\xe0\x00\x10JFIF", "RIFF\x05\x00\x00\x00WEBPVP8L\x05", "GIF89a\x01\x00",
		"\x00\x00\x00\x18ftypisom", "ID3\x04", "OggS", "x",
	} {
		f.Add(uint8(i), "soundless.gif", []byte(seed), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, kind uint8, name string, content []byte, album bool) {
		c := call{bot: newBot(1, false)}
		k := mediaKinds[int(kind)%len(mediaKinds)]
		a, err := c.attach(k, source{upload: &param{value: content, file: true, fileName: name}}, description{spoiler: true})
		if err != nil || a.judge(k, album) != nil {
			return
		}
		c.bot.keepFile(a.file)
		message := append(append([]byte{'{'}, appendAttachment(nil, a)[1:]...), '}')
		require.True(t, json.Valid(message), "%s", message)
		again, err := c.bot.sentFile(a.file.ID)
		require.NoError(t, err)
		require.Same(t, a.file, again)
	})
}
