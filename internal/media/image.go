package media

import (
	"bufio"
	"encoding/binary"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
)

const (
	flawHead = "has a damaged header"
	flawEnd  = "is cut off"
)

// sized adds the size from the header of a picture, and whether the picture has an
// end.
func (b *content) sized(f format, header func(io.Reader) (image.Config, error), ends func(*bufio.Reader) bool) format {
	config, err := header(b.whole())
	if err != nil || config.Width < 1 || config.Height < 1 {
		f.flaw = flawHead
		return f
	}
	f.width, f.height = config.Width, config.Height
	if !ends(bufio.NewReaderSize(b.whole(), 64<<10)) {
		f.flaw = flawEnd
	}
	return f
}

func (b *content) jpeg() format {
	return b.sized(format{mime: typeJPEG, ext: ".jpg"}, jpeg.DecodeConfig, jpegEnds)
}

func (b *content) png() format {
	return b.sized(format{mime: typePNG, ext: ".png"}, png.DecodeConfig, pngEnds)
}

func (b *content) gif() format {
	return b.sized(format{mime: typeGIF, ext: ".gif"}, gif.DecodeConfig, func(*bufio.Reader) bool { return true })
}

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	markerRST0 = 0xd0
	markerRST7 = 0xd7
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerTEM  = 0x01
)

// jpegEnds reads through the segments of a JPEG, and reports whether the end marker
// is reached after some picture data.
func jpegEnds(r *bufio.Reader) bool {
	scanned := false
	for {
		marker, ok := nextMarker(r)
		switch {
		case !ok:
			return false
		case marker == markerEOI:
			return scanned
		case marker == markerSOI, marker == markerTEM, marker >= markerRST0 && marker <= markerRST7:
			continue
		case marker == markerSOS:
			scanned = true
		}
		var length [2]byte
		if _, err := io.ReadFull(r, length[:]); err != nil {
			return false
		}
		n := int(binary.BigEndian.Uint16(length[:])) - len(length)
		if n < 0 {
			return false
		}
		if _, err := r.Discard(n); err != nil {
			return false
		}
	}
}

// nextMarker reads up to the next marker, inclusive. Within a picture's data, 0xff
// followed by zero is a data byte.
func nextMarker(r *bufio.Reader) (marker byte, ok bool) {
	for {
		if _, err := r.ReadSlice(0xff); err != nil {
			if err == bufio.ErrBufferFull { //nolint:errorlint // returned as this very value
				continue
			}
			return 0, false
		}
		marker, err := r.ReadByte()
		for err == nil && marker == 0xff {
			marker, err = r.ReadByte()
		}
		if err != nil {
			return 0, false
		}
		if marker != 0 {
			return marker, true
		}
	}
}

const pngMagic = "\x89PNG\r\n\x1a\n"

// pngEnds reads through the chunks of a PNG, and reports whether there are chunks
// with picture data, and the last chunk.
func pngEnds(r *bufio.Reader) bool {
	if _, err := r.Discard(len(pngMagic)); err != nil {
		return false
	}
	const checksum = 4
	data := false
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return false
		}
		n := int64(binary.BigEndian.Uint32(head[:4])) + checksum
		if discarded, err := io.CopyN(io.Discard, r, n); err != nil || discarded < n {
			return false
		}
		switch string(head[4:]) {
		case "IDAT":
			data = true
		case "IEND":
			return data
		}
	}
}
