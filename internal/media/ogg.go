package media

import (
	"bytes"
	"encoding/binary"
)

// oggHead is the length of a page's header before its table of segments
// (RFC 3533, section 6).
const oggHead = 27

// ogg reads the first and the last page of an Ogg file.
func (b *content) ogg() format {
	head := b.at(0, oggHead)
	if head == nil || head[4] != 0 {
		return format{mime: typeAny}
	}
	packet := b.at(oggHead+int64(head[26]), 19)
	switch {
	case bytes.HasPrefix(packet, []byte("OpusHead")):
		return format{mime: typeOpus, ext: ".ogg", duration: playing(b.samples(head[14:18], packet), opusRate)}
	case bytes.HasPrefix(packet, []byte("\x01vorbis")):
		return format{mime: typeOgg, ext: ".ogg"}
	case bytes.HasPrefix(packet, []byte("\x80theora")):
		return format{mime: "video/ogg", ext: ".ogv"}
	}
	return format{mime: "application/ogg", ext: ".ogx"}
}

// opusRate is the samples a second by which Opus counts, whatever the rate of the
// recording was (RFC 7845, section 4).
const opusRate = 48000

// oggTail is how much of the end is searched for the last page, which has at most
// 65,307 bytes.
const oggTail = 64 << 10

// samples returns how many samples a stream has: the position at its last page,
// less those that are skipped at the beginning.
func (b *content) samples(serial, opusHead []byte) uint64 {
	tail := b.at(max(0, b.size-oggTail), int(min(b.size, oggTail)))
	skip := uint64(binary.LittleEndian.Uint16(opusHead[10:]))
	for {
		at := bytes.LastIndex(tail, []byte("OggS"))
		if at < 0 {
			return 0
		}
		page := tail[at:]
		if len(page) >= oggHead && bytes.Equal(page[14:18], serial) {
			// All ones: no packet ends on this page.
			if position := binary.LittleEndian.Uint64(page[6:]); position != 1<<64-1 && position >= skip {
				return position - skip
			}
		}
		tail = tail[:at]
	}
}
