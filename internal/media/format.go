package media

import (
	"bytes"
	"errors"
	"io"
	"time"
)

// The types that matter here.
const (
	typeJPEG = "image/jpeg"
	typePNG  = "image/png"
	typeWEBP = "image/webp"
	typeGIF  = "image/gif"
	typeSVG  = "image/svg+xml"
	typeMP4  = "video/mp4"
	typeM4A  = "audio/mp4"
	typeMP3  = "audio/mpeg"
	typeOgg  = "audio/ogg"
	// typeOpus is an Ogg file with Opus in it, the form that voice messages have
	// (RFC 7845).
	typeOpus = "audio/ogg; codecs=opus"
	typeAny  = "application/octet-stream"
)

// A format is what the bytes of a file show about it.
type format struct {
	mime string
	// ext is the usual extension, with its dot; empty when there is none.
	ext           string
	width, height int
	duration      time.Duration
	animated      bool
	// flaw is the fault of a picture, as the end of a sentence.
	flaw string
}

// signatures are the beginnings of files of which nothing more is read.
var signatures = []struct{ magic, mime, ext string }{
	{"%PDF-", "application/pdf", ".pdf"},
	{"PK\x03\x04", "application/zip", ".zip"},
	{"\x1f\x8b\x08", "application/gzip", ".gz"},
	{"Rar!\x1a\x07", "application/vnd.rar", ".rar"},
	{"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", ".7z"},
	{"\x1a\x45\xdf\xa3", "video/x-matroska", ".mkv"},
	{"fLaC", "audio/flac", ".flac"},
}

// sniffed is how much of a file's beginning is examined, in bytes.
const sniffed = 4 << 10

// look returns the format of a file. An error means that reading failed: any bytes
// have a format.
func look(r io.ReaderAt, size int64) (format, error) {
	b := &content{r: r, size: size}
	f := b.look()
	return f, b.err
}

func (b *content) look() format {
	head := b.at(0, int(min(b.size, sniffed)))
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return b.jpeg()
	case bytes.HasPrefix(head, []byte(pngMagic)):
		return b.png()
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return b.gif()
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return b.webp()
	case len(head) >= 8 && string(head[4:8]) == "ftyp":
		return b.mp4()
	case bytes.HasPrefix(head, []byte("OggS")):
		return b.ogg()
	}
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return format{mime: s.mime, ext: s.ext}
		}
	}
	switch {
	case isSVG(head):
		return format{mime: typeSVG, ext: ".svg"}
	case b.isMP3():
		return format{mime: typeMP3, ext: ".mp3"}
	}
	return format{mime: typeAny}
}

// content is a file's bytes. It keeps the first error of reading them, so that a
// bad disk is not mistaken for a bad file.
type content struct {
	r    io.ReaderAt
	size int64
	err  error
	// seen counts boxes.
	seen int
}

// ReadAt implements [io.ReaderAt].
func (b *content) ReadAt(p []byte, off int64) (int, error) {
	n, err := b.r.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) && b.err == nil {
		b.err = err
	}
	return n, err
}

// at returns n bytes from an offset, nil when the file does not have that many
// there.
func (b *content) at(off int64, n int) []byte {
	if off < 0 || n < 0 || off > b.size-int64(n) {
		return nil
	}
	p := make([]byte, n)
	if read, _ := b.ReadAt(p, off); read < n {
		return nil
	}
	return p
}

// whole reads the file from its beginning.
func (b *content) whole() io.Reader { return io.NewSectionReader(b, 0, b.size) }

// isSVG reports whether a text is an XML document whose first element is svg.
func isSVG(head []byte) bool {
	rest := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		end := ">"
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			end = "-->"
		case bytes.HasPrefix(rest, []byte("<?")):
			end = "?>"
		case bytes.HasPrefix(rest, []byte("<!")):
			// A document type may have a part in brackets, with tags of its own.
			if bracket, close := bytes.IndexByte(rest, '['), bytes.IndexByte(rest, '>'); bracket >= 0 && bracket < close {
				end = "]>"
			}
		default:
			return bytes.HasPrefix(rest, []byte("<svg")) && len(rest) > 4 && bytes.IndexByte([]byte(" \t\r\n>/"), rest[4]) >= 0
		}
		_, after, ok := bytes.Cut(rest, []byte(end))
		if !ok {
			return false
		}
		rest = after
	}
}
