package media

import (
	"encoding/binary"
	"math"
	"strings"
	"time"
)

// mp4 reads the boxes of a file in the ISO base media format (ISO/IEC 14496-12) as
// far as they show what it is: a film, a sound, or another of the formats that
// share the boxes.
func (b *content) mp4() format {
	var (
		f     film
		moved bool
		brand string
	)
	whole := b.boxes(0, b.size, func(x box) bool {
		switch x.kind {
		case "ftyp":
			if brand == "" {
				brand = string(b.at(x.from, 4))
			}
		case "moov":
			moved = true
			return b.movie(x, &f)
		}
		return true
	})
	return f.format(brand, moved && whole)
}

// A film holds the data in the boxes of a movie.
type film struct {
	width, height int
	duration      time.Duration
	video, audio  bool
}

// stills are the brands of formats that are no films: pictures in a box.
var stills = map[string]format{
	"heic": {mime: "image/heic", ext: ".heic"},
	"heix": {mime: "image/heic", ext: ".heic"},
	"mif1": {mime: "image/heif", ext: ".heif"},
	"avif": {mime: "image/avif", ext: ".avif"},
}

// format returns the format of a file of the brand. A file that is not whole could
// not be played: only its bytes are known.
func (f film) format(brand string, whole bool) format {
	switch still, is := stills[brand]; {
	case is:
		return still
	case !whole || !f.video && !f.audio:
		return format{mime: typeAny}
	case brand == "qt  ":
		return format{mime: "video/quicktime", ext: ".mov", width: f.width, height: f.height, duration: f.duration}
	case strings.HasPrefix(brand, "3g"):
		return format{mime: "video/3gpp", ext: ".3gp", width: f.width, height: f.height, duration: f.duration}
	case f.video:
		return format{mime: typeMP4, ext: ".mp4", width: f.width, height: f.height, duration: f.duration}
	}
	return format{mime: typeM4A, ext: ".m4a", duration: f.duration}
}

// A box is a part of the file: its kind, and where its content begins and ends.
type box struct {
	kind     string
	from, to int64
}

// maxBoxes is how many boxes of a file are read. A film has some dozens, a
// fragmented one some thousands.
const maxBoxes = 100_000

// boxes calls each for the boxes between two offsets. It returns false when they
// do not fill that space, are too many, or each returns false.
func (b *content) boxes(from, to int64, each func(box) bool) bool {
	for from < to {
		x, next, ok := b.box(from, to)
		if b.seen++; !ok || b.seen > maxBoxes || !each(x) {
			return false
		}
		from = next
	}
	return true
}

// box reads the head of the box at an offset, which must end by limit.
func (b *content) box(at, limit int64) (x box, next int64, ok bool) {
	head := b.at(at, 8)
	if head == nil {
		return x, 0, false
	}
	size, header := int64(binary.BigEndian.Uint32(head)), int64(8)
	switch size {
	case 0: // to the end
		size = limit - at
	case 1: // a long size follows
		long := b.at(at+8, 8)
		if long == nil || long[0] > 0 {
			return x, 0, false
		}
		size, header = int64(binary.BigEndian.Uint64(long)), 16
	}
	if size < header || size > limit-at {
		return x, 0, false
	}
	return box{kind: string(head[4:]), from: at + header, to: at + size}, at + size, true
}

// movie reads a moov box.
func (b *content) movie(moov box, f *film) bool {
	return b.boxes(moov.from, moov.to, func(x box) bool {
		switch x.kind {
		case "mvhd":
			f.duration = b.duration(x)
		case "trak":
			return b.track(x, f)
		}
		return true
	})
}

// duration reads an mvhd box; it returns zero when the box does not say.
func (b *content) duration(mvhd box) time.Duration {
	var scale, units uint64
	if version := b.at(mvhd.from, 1); version != nil && version[0] == 1 {
		if times := b.at(mvhd.from+20, 12); times != nil {
			scale, units = uint64(binary.BigEndian.Uint32(times)), binary.BigEndian.Uint64(times[4:])
		}
	} else if times := b.at(mvhd.from+12, 8); times != nil {
		scale, units = uint64(binary.BigEndian.Uint32(times)), uint64(binary.BigEndian.Uint32(times[4:]))
		if units == math.MaxUint32 {
			units = 0
		}
	}
	return playing(units, scale)
}

// longest is the longest plausible duration of a file.
const longest = 1000 * time.Hour

// playing returns the duration of units, of which a second has scale; zero when it
// is not plausible.
func playing(units, scale uint64) time.Duration {
	if scale == 0 || units/scale >= uint64(longest/time.Second) {
		return 0
	}
	return time.Duration(float64(units) / float64(scale) * float64(time.Second)).Truncate(time.Millisecond)
}

// track reads a trak box: its kind, and the size of a picture.
func (b *content) track(trak box, f *film) bool {
	var (
		width, height int
		handler       string
	)
	ok := b.boxes(trak.from, trak.to, func(x box) bool {
		switch x.kind {
		case "tkhd":
			width, height = b.frame(x)
		case "mdia":
			return b.boxes(x.from, x.to, func(x box) bool {
				if x.kind == "hdlr" {
					handler = string(b.at(x.from+8, 4))
				}
				return true
			})
		}
		return true
	})
	switch handler {
	case "soun":
		f.audio = true
	case "vide":
		f.video = true
		if width*height > f.width*f.height {
			f.width, f.height = width, height
		}
	}
	return ok
}

// frame reads the size of the picture, as it is shown, from a tkhd box, whose
// matrix says how it is turned.
func (b *content) frame(tkhd box) (width, height int) {
	const (
		matrix = 36 // bytes of it, with the size after it
		tail   = matrix + 8
	)
	head := int64(40)
	if version := b.at(tkhd.from, 1); version != nil && version[0] == 1 {
		head = 52
	}
	if tkhd.to-tkhd.from < head+tail {
		return 0, 0
	}
	rest := b.at(tkhd.from+head, tail)
	if rest == nil {
		return 0, 0
	}
	// The size is in 16.16 fixed point.
	width, height = int(binary.BigEndian.Uint16(rest[matrix:])), int(binary.BigEndian.Uint16(rest[matrix+4:]))
	if onAxis, across := binary.BigEndian.Uint32(rest), binary.BigEndian.Uint32(rest[4:]); onAxis == 0 && across != 0 {
		return height, width
	}
	return width, height
}
